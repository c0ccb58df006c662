"""Real course repositories, built in a folder of the test."""

import os
import subprocess
from pathlib import Path

PROGRAMME = """id: web
title: Développeur web
kind: bootcamp
summary: Faire des pages.
hours: 100
certification:
  id: RNCP37674
  title: Titre professionnel
  level: 5
blocks:
  - title: Ce que l'on voit
    short: Voir
    competences:
      - id: RNCP37674/1
        title: Installer son environnement
        plain: Installer mes outils
      - id: RNCP37674/2
        title: Réaliser des interfaces
        plain: Faire une page
"""


def project(key: str = "p01", title: str = "La page", extra: str = "", body: str = "") -> str:
    """Return a projet.md that aims at both competences, with one deliverable and one criterion."""
    return f"""---
id: {key}
title: {title}
summary: Une page pour le comptoir.
hours: 15
work: alone
competences:
  - {{id: RNCP37674/2, level: 1}}
  - {{id: RNCP37674/1, level: 2}}
deliverables:
  - id: page
    title: La page
    hint: Collez le lien.
    asks: [link]
criteria:
  - {{id: horaires, text: "Les horaires sont dans un tableau."}}
words:
  Balise: Un mot entre < et >.
{extra}---
## Contexte

Le comptoir ouvre.

## Les étapes

1. Lisez.
{body}"""


def web_course(**more: str | bytes | None) -> dict[str, str | bytes | None]:
    """Return a small course that has nothing wrong."""
    return {
        "web/programme.yml": PROGRAMME,
        "web/p01/projet.md": project(),
        "web/p01/01-html.md": "# Le HTML\n\nUne page.\n",
        "web/p02/projet.md": project("p02", "Le menu"),
    } | more


def git(folder: Path, *arguments: str, data: bytes | None = None) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Autrice 01",
        "GIT_AUTHOR_EMAIL": "autrice1@example.org",
        "GIT_COMMITTER_NAME": "Autrice 01",
        "GIT_COMMITTER_EMAIL": "autrice1@example.org",
    }
    command = ["git", "-C", str(folder), "-c", "commit.gpgsign=false", "-c", "gc.auto=0", *arguments]
    done = subprocess.run(command, env=environment, input=data, capture_output=True, check=True)
    return done.stdout.decode().strip()


class Repository:
    """A working tree whose commits a source may read."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        git(folder, "init", "--quiet", "--initial-branch=main")

    @property
    def url(self) -> str:
        return str(self.folder)

    def commit(self, files: dict[str, str | bytes | None], message: str = "Écrire") -> str:
        """Write files (None removes one), and return the commit made."""
        for path, content in files.items():
            file = self.folder / path
            if content is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", "--allow-empty", "-m", message)
        return git(self.folder, "rev-parse", "HEAD")

    def commit_tree(self, *entries: tuple[str, str, str], message: str = "Piège") -> str:
        """Commit (mode, path, content or object) lines that a working tree would not hold."""
        for mode, path, content in entries:
            found = (
                content if mode == "160000" else git(self.folder, "hash-object", "-w", "--stdin", data=content.encode())
            )
            git(self.folder, "update-index", "--add", "--cacheinfo", f"{mode},{found},{path}")
        git(self.folder, "commit", "--quiet", "-m", message)
        return git(self.folder, "rev-parse", "HEAD")
