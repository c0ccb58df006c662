"""What it costs to read a course repository: a first sync, and one page changed among many. Prints JSON.

    python -m benchmarks.sync [--pages 1000] [--changed-in 10000] [--database URL]

Memory is the proportional share (PSS) of the process that reads and of those it starts, looked at ten times a second.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.meter import family, held

PARAGRAPH = (
    "Le comptoir ouvre à neuf heures. L'équipe écrit le menu à la craie, puis sur une page. "
    "Vous lisez la consigne, vous essayez, vous comparez avec la personne à côté. "
    "Une **balise** dit ce qu'est un texte ; une `classe` dit à quoi il ressemble. "
)
PROGRAMME = """id: banc
title: Banc d'essai
kind: bootcamp
blocks:
  - title: Bloc
    competences:
      - {id: banc/1, title: Lire}
"""
PER_PROJECT = 20


def page(number: int) -> str:
    """Return a page of about 6 kB: text, a table, code, notes, and links to its neighbours."""
    parts = [f"# Page {number}\n"]
    for rank in range(6):
        parts += [f"## Partie {rank}\n", PARAGRAPH * 3 + "\n", "- un\n- deux\n- [x] trois\n"]
        parts.append(
            f'```js\nconst plat{rank} = "soupe"; // le plat {number}\nfor (const x of liste) afficher(x);\n```\n'
        )
    parts.append("| Plat | Prix |\n|---|--:|\n" + "".join(f"| Plat {row} | {row} |\n" for row in range(8)) + "\n")
    neighbour = number + 1 if number % PER_PROJECT < PER_PROJECT - 1 else number
    parts.append(f"Voir [la suite](page-{neighbour:05}.md#partie-2), et une note[^1].\n\n[^1]: La note.\n")
    return "\n".join(parts)


def make_repository(folder: Path, pages: int) -> None:
    """Write and commit a course of so many pages."""
    (folder / "banc").mkdir(parents=True)
    (folder / "banc/programme.yml").write_text(PROGRAMME)
    for number in range(pages):
        home = folder / f"banc/p{number // PER_PROJECT:04}"
        if number % PER_PROJECT == 0:
            home.mkdir()
            (home / "projet.md").write_text(
                f"---\nid: p{number // PER_PROJECT:04}\ntitle: Projet\n---\n## Contexte\n\nUn.\n"
            )
        (home / f"page-{number:05}.md").write_text(page(number))
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "Écrire")


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=Autrice 01", "-c", "user.email=a@example.org", "commit", "-q", "-m", message)


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def measure(folder: Path, data: Path, database: str) -> dict:
    """Synchronise in a process of its own, as the job does, and return what it cost."""
    environ = os.environ | {"POPSCHOOL_DATA_DIR": str(data), "BENCH_REPOSITORY": str(folder)}
    if database:
        environ["POPSCHOOL_DATABASE_URL"] = database
    command = [sys.executable, "-m", "benchmarks.sync", "--child"]
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, env=environ, stdout=out)
        peak = 0
        while process.poll() is None:
            peak = max(peak, held(family(process.pid)))
            time.sleep(0.1)
        out.seek(0)
        return json.loads(out.read().strip().splitlines()[-1]) | {"peak_mb": round(peak / 1000)}


def child() -> None:
    """Synchronise once and print the figures.

    A page that changes is read by a process that lives, and has read pages before: what that takes is loaded already.
    """
    from app import create_app
    from popschool import clock
    from popschool.courses import services, services_sources, sync
    from popschool.courses.workers import READ, RENDER, Job, Text, do
    from popschool.db import db

    app = create_app()
    with app.app_context():
        db.create_all()
        source = services.source_named("banc") or services_sources.add_source(
            "banc", "Banc", os.environ["BENCH_REPOSITORY"], clock.now(), is_local=True
        )
        if source.live_revision_id:
            do(READ, Text("page.md", b"---\ntitle: Page\n---\n# Page\n"))
            do(RENDER, Job("", "page.md", b"# Page\n", {}))
        outcome = sync.synchronise(source, clock.now())
    figures = {
        "outcome": outcome.outcome,
        "pages": outcome.pages,
        "changed": outcome.changed,
        "problems": len(outcome.problems),
        "seconds": outcome.seconds,
        "steps": {step["name"]: step["seconds"] for step in outcome.steps},
        "blobs_read": outcome.blobs_read,
    }
    print(json.dumps(figures))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--changed-in", type=int, default=10_000)
    parser.add_argument("--database", default="", help="an empty database; SQLite in a temporary folder by default")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        return child()
    found = {}
    with tempfile.TemporaryDirectory() as temporary:
        for name, pages in (("first", given.pages), ("many", given.changed_in)):
            if not pages:
                continue
            repository, data = Path(temporary) / name, Path(temporary) / f"{name}-data"
            make_repository(repository, pages)
            found[f"first sync of {pages} pages"] = measure(repository, data, given.database)
            changed = repository / "banc/p0000/page-00003.md"
            for attempt in range(3):
                changed.write_text(page(3) + f"\nChangement {attempt}.\n")
                commit(repository, "Changer une page")
                found[f"one page changed in {pages}, {attempt + 1}"] = measure(repository, data, given.database)
            if given.database:
                break
    print(json.dumps(found, indent=2))
    return None


if __name__ == "__main__":
    main()
