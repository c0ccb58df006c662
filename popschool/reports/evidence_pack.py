"""The archive of evidence of a year, drawn by a job: a folder for each indicator, an index to read and one to print."""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from popschool import pdf, storage
from popschool.completion.paper_parts import p, table
from popschool.db import db, transaction
from popschool.reports import archive, evidence
from popschool.reports import rules_evidence as rules
from popschool.reports.models_evidence import EvidencePack
from popschool.reports.rules_evidence import Indicator
from popschool.reports.services_evidence import pieces_of
from popschool.reports.whole_file_part import Part
from popschool.schools.models import Network, School

IN_MEMORY = 8_000_000
TEMPLATE = "completion/papers/document.typ"
HEADS = ("N°", "Ce qui est demandé", "Ce que les lignes prouvent", "Pièces", "À ajouter à la main")


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
