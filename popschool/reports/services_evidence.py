"""Evidence for Qualiopi: pieces brought by hand, and the archive of a year made by a job, indicator by indicator."""

import hashlib
import json
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from popschool import audit, jobs, pdf, storage
from popschool.completion.paper_parts import p, table
from popschool.db import db, transaction
from popschool.projects import rules_files
from popschool.reports import archive, evidence
from popschool.reports import rules_evidence as rules
from popschool.reports.models_evidence import EvidencePack, EvidencePiece
from popschool.reports.rules_evidence import INDICATORS, Indicator
from popschool.reports.whole_file import Part
from popschool.schools.models import Network, Person, School

IN_MEMORY = 8_000_000
TASK = "popschool.reports.tasks:make_evidence"
TEMPLATE = "completion/papers/document.typ"
TOTAL = sum(len(one.tables) + 1 for one in INDICATORS)
HEADS = ("N°", "Ce qui est demandé", "Ce que les lignes prouvent", "Pièces", "À ajouter à la main")


def pieces_of(school_id: int) -> dict[int, list[EvidencePiece]]:
    """Return the pieces of a school by indicator, in order of their day. One query."""
    found: dict[int, list[EvidencePiece]] = defaultdict(list)
    for one in db.session.scalars(
        select(EvidencePiece)
        .where(EvidencePiece.school_id == school_id)
        .order_by(EvidencePiece.dated_on, EvidencePiece.id)
        .options(joinedload(EvidencePiece.by))
    ):
        found[one.indicator].append(one)
    return found


def add_piece(
    school: School, number: int, title: str, dated_on: date, file: tuple[str, bytes], by: Person, now: datetime,
    today: date,
) -> EvidencePiece:  # fmt: skip
    """Keep a piece for an indicator, with its day and who brings it.

    Raises PieceOfTomorrow, FileRefused, FileTooHeavy or PieceRefused.
    """
    if dated_on > today:
        raise rules.PieceOfTomorrow(dated_on)
    name, content = rules_files.clean_name(file[0]), file[1]
    media_type = rules_files.check_file(name, content, len(content))
    if media_type not in rules.MEDIA:
        raise rules.PieceRefused
    kept = storage.put(content)
    with transaction(lock=f"evidence/{school.id}"):
        made = EvidencePiece(
            school_id=school.id, indicator=number, title=title.strip(), dated_on=dated_on, file_hash=kept.hash,
            file_name=name, media_type=media_type, by_id=by.id, at=now,
        )  # fmt: skip
        db.session.add(made)
        audit.record("add_evidence", made, actor_id=by.id, now=now, indicator=number)
    return made


def last_of(school_id: int, year: int) -> EvidencePack | None:
    return db.session.scalars(
        select(EvidencePack)
        .where(EvidencePack.school_id == school_id, EvidencePack.year == year)
        .order_by(EvidencePack.id.desc())
        .limit(1)
    ).first()


def ask(school: School, year: int, by: Person, now: datetime) -> EvidencePack:
    """Ask for the archive of a year; one that is being made is that one."""
    with transaction(lock=f"evidence/{school.id}"):
        last = last_of(school.id, year)
        if last is not None and last.finished_at is None:
            return last
        made = EvidencePack(
            school_id=school.id, year=year, asked_by_id=by.id, asked_at=now, total=TOTAL, done=0, parts=[]
        )
        db.session.add(made)
        db.session.flush()
        jobs.enqueue(TASK, key=f"evidence/{made.id}", pack_id=made.id)
        audit.record("ask_evidence", made, actor_id=by.id, now=now, year=year)
    return made


def run(pack: EvidencePack, base_url: str, now: datetime, today: date) -> None:
    """Make an archive: a folder for each indicator, an index to read and one to print. Again, it does nothing."""
    if pack.finished_at is not None:
        return
    school = db.session.get_one(School, pack.school_id)
    first, last = rules.period_of(pack.year, today)
    title = f"Preuves Qualiopi, {school.name}, {pack.year}"
    said = f"{rules.GUIDE}. Du {first:%d/%m/%Y} au {last:%d/%m/%Y}. Fait le {now:%d/%m/%Y}."
    found: list[tuple[Indicator, list[Part]]] = []

    def note(done: int) -> None:
        with transaction():
            pack.done = done

    def flat() -> Iterator[Part]:
        for one, parts in evidence.parts_of(school, first, last, pieces_of(school.id)):
            found.append((one, parts))
            yield from parts

    with tempfile.SpooledTemporaryFile(IN_MEMORY) as out:
        archive.write(out, title, said, flat(), note)
        address = f"{base_url}/schools/{school.id}/evidence/{pack.year}"
        index = index_pdf(school, title, said, found, address, now)
        with zipfile.ZipFile(out, "a") as whole:
            whole.writestr(zipfile.ZipInfo("index.pdf", archive.ZIP_MOMENT), index, zipfile.ZIP_STORED)
        out.seek(0)
        kept = storage.put(out)
    with transaction():
        pack.parts = [
            {"number": one.number, "rows": sum(len(part.rows) for part in parts[:-1]), "pieces": len(parts[-1].rows)}
            for one, parts in found
        ]
        pack.done, pack.finished_at = pack.total, now
        pack.archive_hash, pack.archive_size = kept.hash, kept.size


def index_pdf(
    school: School, title: str, said: str, found: Sequence[tuple[Indicator, list[Part]]], address: str, now: datetime
) -> bytes:
    """Return the index to print: each indicator, what proves it here, and what must be added by hand."""
    network = db.session.get_one(Network, school.network_id)
    blocks: list[dict[str, Any]] = [p(said)]
    for criterion in range(1, 8):
        rows = [_line(one, parts) for one, parts in found if one.criterion == criterion]
        blocks.append(table(f"Critère {criterion}", HEADS, rows, numbers=0, widths=(1, 4, 5, 2, 4)))
    data = {
        "title": title,
        "kind": "Preuves Qualiopi",
        "number": str(now.year),
        "dated": f"{now:%d/%m/%Y}",
        "network": network.legal_name or network.name,
        "school": school.name,
        "fingerprint": hashlib.sha256(json.dumps(blocks).encode()).hexdigest(),
        "check": {"address": address, "square": pdf.square(address)},
        "heading": title,
        "blocks": blocks,
    }
    return pdf.make(TEMPLATE, data, now)


def _line(one: Indicator, parts: Sequence[Part]) -> list[str]:
    proofs = [f"{part.title.split(' : ', 1)[1]} ({len(part.rows)})" for part in parts[:-1]]
    brought = len(parts[-1].rows)
    return [str(one.number), one.asks, "\n".join(proofs) or "rien", str(brought or "aucune"), one.by_hand or "rien"]
