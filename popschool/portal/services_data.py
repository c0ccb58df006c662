"""All that is kept of a person, for them to take away: every row about them, their works, their papers.

Every table that says whose its rows are takes part, so that a new one does too. What would open a door (hashes, keys,
codes) stays, and so does what is said of other people.
"""

import io
import json
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Table, select

from popschool import audit, jobs, storage
from popschool.completion import portfolio
from popschool.completion.models_papers import Document, DocumentPaper
from popschool.db import db, transaction
from popschool.portal.models import DataCopy
from popschool.review import services_own
from popschool.schools.models import Person

TASK = "popschool.portal.tasks:make_data_copy"
KEPT = timedelta(days=7)
WHOSE = ("person_id", "owner_id", "submitted_by_id")
OPENS_A_DOOR = re.compile(r"hash|secret|token|nonce|encrypted|salt|pin$")
LEFT_OUT = frozenset({"sign_in_code", "review_conflict", "data_copy", "audit_about"})
# How much a computation believes somebody's reviews is a guess: a person explains it, no file does.
GUESSED = frozenset({"review_leniency.flat"})
README = """Tout ce que Pop School garde sur vous.

donnees.json : chaque ligne, table par table. Les dates sont à l'heure universelle (UTC).
relectures.json : les relectures que vous avez écrites, et celles de vos travaux. L'autre personne reste un numéro.
portfolio.zip : vos travaux, les retours reçus, vos compétences et vos badges.
papiers/ : vos papiers, comme ils ont été faits.

Il manque ce qui ouvrirait votre compte (mots de passe, codes), et ce qui parle d'autres personnes.
Il manque aussi le poids que le calcul donne à vos relectures : l'équipe de votre école vous l'explique.
"""


def ask(person: Person, now: datetime) -> DataCopy:
    """Ask for a copy; one that is being made already is the one."""
    with transaction(lock=f"data/{person.id}"):
        waiting = select(DataCopy).where(DataCopy.person_id == person.id, DataCopy.made_at.is_(None))
        found = db.session.scalars(waiting.limit(1)).first()
        if found is not None:
            return found
        copy = DataCopy(person_id=person.id, asked_at=now, archive_hash="", archive_size=0)
        db.session.add(copy)
        db.session.flush()
        jobs.enqueue(TASK, key=f"data-copy/{copy.id}", copy_id=copy.id)
        audit.record("ask_own_data", person, actor_id=person.id, now=now, school_id=person.home_school_id)
    return copy


def copies_of(person_id: int) -> Sequence[DataCopy]:
    """Read the copies of a person that are being made or can be taken, the latest first."""
    return db.session.scalars(
        select(DataCopy)
        .where(DataCopy.person_id == person_id, (DataCopy.made_at.is_(None)) | (DataCopy.archive_hash != ""))
        .order_by(DataCopy.id.desc())
        .limit(10)
    ).all()


def make(copy: DataCopy, base: str, now: datetime) -> None:
    """Put a copy together. Again, it does nothing."""
    if copy.made_at is not None:
        return
    kept = storage.put(archive(db.session.get_one(Person, copy.person_id), base, now))
    with transaction():
        copy.made_at, copy.archive_hash, copy.archive_size = now, kept.hash, kept.size


def archive(person: Person, base: str, now: datetime) -> bytes:
    """Return the copy itself."""
    out = io.BytesIO()
    papers = db.session.execute(
        select(Document.number, DocumentPaper.hash)
        .join(DocumentPaper, DocumentPaper.document_id == Document.id)
        .where(Document.person_id == person.id)
        .order_by(Document.number)
    ).all()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("lisez-moi.txt", README)
        made.writestr("donnees.json", _json(facts(person.id)))
        made.writestr("relectures.json", _json(reviews(person.id)))
        made.writestr("portfolio.zip", portfolio.bundle(person, base, now))
        for number, name in papers:
            made.writestr(f"papiers/{number}.pdf", storage.read(name))
    return out.getvalue()


def facts(person_id: int) -> dict[str, list[dict[str, Any]]]:
    """Return every row about a person, table by table."""
    found = {}
    for table in db.metadata.sorted_tables:
        whose = "id" if table.name == "person" else next((name for name in WHOSE if name in table.columns), None)
        if whose is None or table.name in LEFT_OUT:
            continue
        rows = _rows(table, table.columns[whose] == person_id)
        if rows:
            found[table.name] = rows
    return found


def _rows(table: Table, condition: Any) -> list[dict[str, Any]]:
    shown = [
        column
        for column in table.columns
        if not OPENS_A_DOOR.search(column.name) and f"{table.name}.{column.name}" not in GUESSED
    ]
    rows = db.session.execute(select(*shown).where(condition).order_by(*table.primary_key.columns))
    return [dict(row) for row in rows.mappings()]


def reviews(person_id: int) -> dict[str, list[dict[str, Any]]]:
    """Return what a person wrote of others' works, and what they can read of their own."""
    return {
        "written": services_own.written_by(person_id),
        "samples": services_own.pieces_by(person_id),
        "received": services_own.received_of(person_id),
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=_plain)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, (datetime, date, time)) else str(value)


def forget_copies(now: datetime) -> None:
    """Remove the files of copies that were made some days ago."""
    old = select(DataCopy).where(DataCopy.made_at < now - KEPT, DataCopy.archive_hash != "")
    for copy in db.session.scalars(old).all():
        storage.delete(copy.archive_hash)
        with transaction():
            copy.archive_hash = ""
