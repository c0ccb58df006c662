"""`popschool reports`: what can leave as a file, and one of them to a file. Each that names people is in the record."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import click
from sqlalchemy import select

from popschool import clock, storage
from popschool.auth import guards
from popschool.completion import paper_report, services_figures
from popschool.completion.models_papers import Document
from popschool.db import db
from popschool.reports import files_declared as files
from popschool.reports import services_declared
from popschool.reports.rules_lists import Listed
from popschool.reports.services_layouts import tabled
from popschool.schools.models import Cohort, School
from popschool.spreadsheets import FileForm, Table, write

PDF = "pdf"


@dataclass(frozen=True)
class Exported:
    """A report that is made from the facts of today: what it needs to be told, and its table with whom it names."""

    name: str
    says: str
    needs: str
    make: Callable[[Any, int], tuple[Table, Iterable[int]]]


def _cpf(cohort: Cohort, _year: int) -> tuple[Table, Iterable[int]]:
    lines = services_declared.rates_of(cohort, clock.today())
    return tabled(Listed.CPF, "Mon Compte Formation", files.cpf_rows(lines)), [one.enrolment.person_id for one in lines]


def _kairos(cohort: Cohort, _year: int) -> tuple[Table, Iterable[int]]:
    sheet = services_declared.kairos_of(cohort, clock.today())
    return tabled(Listed.KAIROS, "KAIROS", files.kairos_rows(sheet)), [one.enrolment.person_id for one in sheet.lines]


def _gen(school: School, year: int) -> tuple[Table, Iterable[int]]:
    _places, figures = services_declared.gen_form(school.id, year, clock.today())
    return tabled(Listed.GEN, "Grande École du Numérique", files.gen_rows(figures)), ()


def _report(school: School, year: int) -> tuple[Table, Iterable[int]]:
    filled = services_figures.of_school(school, year, clock.today()).filled
    return Table(f"Bilan {year}", services_figures.COLUMNS, paper_report.rows(filled)), ()


COHORT, SCHOOL = "cohort", "school"
REPORTS = {
    one.name: one
    for one in (
        Exported("report", "the yearly report of a school (BPF), frame by frame", SCHOOL, _report),
        Exported("gen", "the figures of the Grande École du Numérique's form", SCHOOL, _gen),
        Exported("cpf", "the rates of realisation that Mon Compte Formation is told", COHORT, _cpf),
        Exported("kairos", "what is typed in KAIROS, person by person", COHORT, _kairos),
    )
}


@click.group()
def reports() -> None:
    """What funders are sent."""


@reports.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else.")
def list_reports(as_json: bool) -> None:
    """Say what `reports export` can write: reports made today, and every document that was issued, by its number."""
    issued = db.session.scalars(select(Document).order_by(Document.issued_at, Document.id)).all()
    made = [
        {"document": one.name, "says": one.says, "needs": [one.needs, *(["year"] if one.needs == SCHOOL else [])],
         "forms": [str(form) for form in FileForm]}
        for one in REPORTS.values()
    ]  # fmt: skip
    kept = [{"document": one.number, "says": one.kind, "needs": [], "forms": [PDF]} for one in issued]
    if as_json:
        click.echo(json.dumps([*made, *kept], ensure_ascii=False))
        return
    for row in [*made, *kept]:
        needs = " ".join(f"--{name}" for name in row["needs"])
        click.echo(f"{row['document']:20} {'/'.join(row['forms']):13} {needs:16} {row['says']}")


@reports.command("export")
@click.argument("document")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--school", "school_code", help="The code of the school, such as VAL.")
@click.option("--cohort", "cohort_code", help="The code of the cohort, such as VAL-2027-1.")
@click.option("--year", type=click.IntRange(2000, 2100), help="This year, unless said.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else.")
def export_report(
    document: str, file: Path, school_code: str | None, cohort_code: str | None, year: int | None, as_json: bool
) -> None:
    """Write one DOCUMENT to FILE, whose ending says the form; the file appears whole or not at all."""
    form = file.suffix.removeprefix(".").lower()
    if document not in REPORTS:
        rows = _export_issued(document, file, form)
    else:
        rows = _export_made(REPORTS[document], file, form, school_code, cohort_code, year or clock.today().year)
    if as_json:
        click.echo(json.dumps({"document": document, "file": str(file), "rows": rows}))
    else:
        click.echo(f"{document} is in {file}", err=True)


def _export_issued(number: str, file: Path, form: str) -> None:
    found = db.session.scalars(select(Document).where(Document.number == number)).first()
    if found is None:
        raise click.ClickException(f"there is no document {number}: `popschool reports list` says which there are")
    if form != PDF:
        raise click.UsageError(f"an issued document is a PDF: name the file {file.stem}.pdf")
    if found.paper is None:
        raise click.ClickException(f"{number} has no file: it is not drawn yet, or its years are over")
    guards.note_export("document", found, number=found.number)
    with storage.open(found.paper.hash) as content:
        _write(file, lambda out: shutil.copyfileobj(content, out))


def _export_made(
    one: Exported, file: Path, form: str, school_code: str | None, cohort_code: str | None, year: int
) -> int:
    if form not in list(FileForm):
        raise click.UsageError(f"{one.name} is written as {', '.join(FileForm)}: name the file {file.stem}.xlsx")
    code = school_code if one.needs == SCHOOL else cohort_code
    if not code:
        raise click.UsageError(f"{one.name} needs --{one.needs}")
    model = School if one.needs == SCHOOL else Cohort
    place = db.session.scalars(select(model).where(model.code == code.upper())).first()
    if place is None:
        raise click.ClickException(f"there is no {one.needs} {code}")
    table, people = one.make(place, year)
    rows: list[int] = []
    _write(file, lambda out: rows.append(write(table, FileForm(form), out)))
    told = {"school_id": place.id, "year": year} if one.needs == SCHOOL else {}
    guards.note_export(one.name, place, people=people, rows=rows[0], **told)
    return rows[0]


def _write(file: Path, fill: Callable[[BinaryIO], Any]) -> None:
    handle, temporary = tempfile.mkstemp(dir=file.resolve().parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            fill(out)
        os.replace(temporary, file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
