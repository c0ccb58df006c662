"""Time a search among ten thousand pages against the bare page, in turn: a rare word, a usual one, one of every page.

Usage: python -m benchmarks.search [--pages 10000] [--database URL] [--rounds 30] [--blocks 5]. Prints a table, then one
line of JSON.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.pages import Visitor, count_statements, free_port, ratio, seed, served

TARGET = 2
WORDS_A_PAGE, VOCABULARY, AT_ONCE = 600, 8_000, 500
SEARCHES = {
    "a rare word": "ornithorynque",
    "a word of one page in ten": "comptoir",
    "a word of every page": "page",
    "two words, one of every page": "page ornithorynque",
    "a beginning": "pag",
    "a word of every title": "lecon",
    "nothing": "introuvable",
}


def fill(pages: int, mail: str) -> None:
    """Add so many lessons to the programme of one learner, at the revision that their cohort reads."""
    from sqlalchemy import insert, select, text

    from app import create_app
    from popschool.courses import search
    from popschool.courses.models import Page, PageVersion, Programme, Rendered
    from popschool.db import db, transaction
    from popschool.schools.models import Cohort, Enrolment, Person

    chance = random.Random(1)
    vocabulary = [
        "".join(chance.choice("bcdfglmnprstv") + chance.choice("aeiou") for _ in range(4)) for _ in range(VOCABULARY)
    ]

    def body(number: int) -> str:
        words = chance.choices(vocabulary, k=WORDS_A_PAGE) + ["page"] * chance.randint(1, 9)
        words += ["comptoir"] * (number % 10 == 0) + ["ornithorynque"] * (number % 500 == 0)
        chance.shuffle(words)
        return " ".join(words)

    with create_app().app_context():
        query = select(Programme).join(Cohort, Cohort.programme_id == Programme.id)
        query = query.join(Enrolment, Enrolment.cohort_id == Cohort.id).join(Person, Person.id == Enrolment.person_id)
        programme = db.session.scalars(query.where(Person.mail == mail)).first()
        for start in range(0, pages, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, pages))
            made = [(f"{number:064x}", f"Leçon {vocabulary[number % VOCABULARY]}", body(number)) for number in numbers]
            with transaction():
                empty = {"sections": [], "headings": []}
                db.session.execute(insert(Rendered), [{"hash": name, "text": said} | empty for name, _, said in made])
                search.keep_texts(made)
                keys = [{"key": f"banc/{number}"} for number in numbers]
                given = {"source_id": programme.source_id, "programme_id": programme.id}
                ids = db.session.scalars(insert(Page).returning(Page.id), [one | given for one in keys]).all()
                shown = {"since": 1, "until": None, "position": 1, "path": "", "role": "lesson", "variant": ""}
                versions = [
                    {"page_id": page_id, "title": title, "rendered_hash": name} | shown
                    for page_id, (name, title, _) in zip(ids, made, strict=True)
                ]
                db.session.execute(insert(PageVersion), versions)
        if db.engine.dialect.name == "postgresql":
            # What its own daemon does within a minute of so many rows.
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--database", default="")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--blocks", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        environ, accounts = seed(Path(folder), options.database)
        learner = next(account for account in accounts if account["role"] == "learner")
        script = f"from benchmarks.search import fill; fill({options.pages}, {learner['email']!r})"
        subprocess.run([sys.executable, "-c", script], env=os.environ | environ, check=True)
        port, bare_port = free_port(), free_port()
        bare_url = options.database or f"sqlite:///{folder}/bare.sqlite"
        bare = [sys.executable, "-m", "benchmarks.bare", bare_url, str(bare_port)]
        stack.enter_context(served(bare, bare_port, environ, "/hello"))
        command = [sys.executable, "-m", "popschool.cli", "serve", "--port", str(port)]
        stack.enter_context(served(command, port, environ, "/healthz"))
        visitor = Visitor(port)
        visitor.sign_in(learner["email"], learner["password"])
        paths = {name: f"/search?q={words.replace(' ', '+')}" for name, words in SEARCHES.items()}
        statements = count_statements(environ, [(name, learner["email"], path) for name, path in paths.items()])
        results = []
        print(f"{'search':32}{'ratio':>8}{'target':>8}{'ms':>8}{'SQL':>6}{'gzip bytes':>12}")
        for name, path in paths.items():
            measured, seconds = ratio(visitor, path, Visitor(bare_port), options.rounds, options.blocks)
            sql, size = statements[name]
            results.append({"search": name, "ratio": round(measured, 2), "target": TARGET, "sql": sql, "bytes": size})
            print(f"{name:32}{measured:8.2f}{TARGET:8}{seconds * 1000:8.2f}{sql:6}{size:12}")
        print(json.dumps(results))


if __name__ == "__main__":
    main()
