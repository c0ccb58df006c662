"""A learner's whole path, signed half-day by half-day as people sign it, for tests of completion and its papers."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from popschool import storage
from popschool.attendance import services, services_marks
from popschool.attendance.models import CompanyPeriod, CompanyWeek, HalfDay
from popschool.attendance.rules import Absence, Mark, Method
from popschool.attendance.services import Act
from popschool.attendance.services_marks import Said
from popschool.completion import services_funding, services_papers, tasks
from popschool.completion.models_papers import Document, DocumentPaper
from popschool.completion.rules_funding import FunderKind, FundingKind
from popschool.completion.rules_papers import PaperKind
from popschool.db import db
from popschool.schools.models import Cohort, Enrolment, Person
from tests.factories import (
    add,
    make_cohort,
    make_half_day,
    make_learner,
    make_manager,
    make_network,
    make_programme,
    make_school,
    make_trainer,
    save,
)

START, END, TODAY = date(2027, 1, 4), date(2027, 7, 12), date(2027, 7, 20)
ISSUED = datetime(2027, 7, 20, 9, 0, tzinfo=UTC)
BUTTON = Act(Method.BUTTON, "Je participe à la séance.", "1-fr")
HOURS = {"am": (time(9), time(12, 30)), "pm": (time(13, 30), time(17))}
HERE, NOTHING = "P", "-"
SAID = {
    "J": Said(Mark.ABSENT, Absence.JUSTIFIED, code="AJ-MAL"),
    "A": Said(Mark.ABSENT, Absence.UNJUSTIFIED),
}


def late(minutes: int, absence: Absence = Absence.UNJUSTIFIED) -> Said:
    return Said(Mark.PARTIAL, absence, late_minutes=minutes)


@dataclass
class Path:
    """One learner in a cohort, with the people around them."""

    cohort: Cohort
    enrolment: Enrolment
    person: Person
    trainer: Person
    manager: Person
    half_days: list[HalfDay] = field(default_factory=list)

    def preview(self, first=START, last=END, kind=PaperKind.CERTIFICATE, today=TODAY) -> services_papers.Preview:
        [found] = services_papers.previews(self.cohort, kind, first, last, today, self.enrolment.id)[1]
        return found

    def issue(self, **given) -> Document:
        return services_papers.issue(self.preview(**given), self.manager, ISSUED)


def make_path(school=None, with_signatory=True, first_name="Élodie", last_name="Lœuvre", **given) -> Path:
    """A place from January to July, in a school whose own papers are in order."""
    network = make_network(
        legal_name="Association Pop School",
        address="23 place de l'Abondance, 59300 Valenciennes",
        siret="12345678900012",
        activity_number="32591234567",
    )
    school = school or make_school(network_id=network.id, name="École de Valenciennes", siret="12345678900020")
    fields = {"starts_on": START, "ends_on": END} | given
    cohort = make_cohort(school, make_programme(title="Développement web et web mobile"), **fields)
    person = make_learner(cohort, first_name=first_name, last_name=last_name)
    path = Path(
        cohort,
        db.session.query(Enrolment).filter_by(person_id=person.id).one(),
        person,
        make_trainer(cohort),
        make_manager(school),
    )
    save()
    if with_signatory:
        services_funding.say_signatory(
            school.id, "Claude", "Martin", "directrice générale", "Valenciennes", START, path.manager, ISSUED
        )
    return path


def attend(path: Path, said: Sequence[str | Said], first: date = START) -> None:
    """Hold one half-day for each answer, from a Monday on, and let everybody sign as they did."""
    day, done = first, 0
    while done < len(said):
        if day.weekday() < 5:
            for half in ("am", "pm")[: len(said) - done]:
                starts, ends = HOURS[half]
                half_day = make_half_day(path.cohort, path.trainer, on=day, half=half, starts=starts, ends=ends)
                save()
                hold(path, half_day, said[done])
                done += 1
        day += timedelta(days=1)


def hold(path: Path, half_day: HalfDay, said: str | Said) -> None:
    at = half_day.span.starts_at
    path.half_days.append(half_day)
    services.open_half_day(half_day, path.trainer.id, at)
    if said == HERE or (isinstance(said, Said) and said.mark is Mark.PARTIAL):
        services.sign(half_day, path.person, BUTTON, at + timedelta(minutes=1))
    if said == NOTHING:
        return
    if said != HERE:
        answer = said if isinstance(said, Said) else SAID[said]
        services_marks.mark(half_day, path.person, answer, path.trainer, at + timedelta(minutes=20))
    services.countersign(half_day, path.trainer, BUTTON, half_day.span.ends_at + timedelta(minutes=1))


def work_in_company(path: Path, first: date, last: date, days: Sequence[int], is_signed=True) -> CompanyPeriod:
    """A period in a company, and the minutes of each of its week days from the first on, signed by the tutor."""
    period = add(
        CompanyPeriod(
            school_id=path.cohort.school_id, cohort_id=path.cohort.id, person_id=path.person.id, starts_on=first,
            ends_on=last, company="Atelier du Canal", siret="98765432100011", tutor_name="Dominique Petit",
            minutes_a_day=420, created_at=ISSUED,
        )
    )  # fmt: skip
    weeks: dict[date, dict[str, int]] = {}
    day = first
    for minutes in days:
        while day.weekday() > 4:
            day += timedelta(days=1)
        weeks.setdefault(day - timedelta(days=day.weekday()), {})[day.isoformat()] = minutes
        day += timedelta(days=1)
    for monday, worked in weeks.items():
        add(
            CompanyWeek(
                school_id=path.cohort.school_id, period_id=period.id, person_id=path.person.id, monday=monday,
                days=worked, tutor_name=period.tutor_name, learner_signed_at=ISSUED,
                tutor_signed_at=ISSUED if is_signed else None, created_at=ISSUED,
            )
        )  # fmt: skip
    save()
    return period


def pay(path: Path, *, hours=700, kind=FundingKind.GROUP, starts_on=START, ends_on=END, funder="Région", **given):
    """Let a funder pay for the place."""
    payer = services_funding.add_funder(
        path.cohort.school_id, FunderKind.REGION, funder, "", "", path.manager.id, ISSUED
    )
    funding = services_funding.save_funding(
        path.cohort.school,
        None,
        {
            "funder_id": payer.id, "kind": str(kind), "scheme": "Programme régional", "agreement": "2027-118",
            "report_line": "6", "starts_on": starts_on, "ends_on": ends_on,
        },
        path.manager.id,
        ISSUED,
    )  # fmt: skip
    return services_funding.fund(
        path.enrolment, funding, starts_on, ends_on, path.manager.id, ISSUED, minutes_agreed=hours * 60, **given
    )


def paper_of(document: Document) -> bytes:
    """Do the job that makes a document's paper, and return its bytes."""
    tasks.make_paper(document.id)
    db.session.expire_all()
    return storage.read(db.session.get_one(DocumentPaper, document.id).hash)


def read_aloud(data: bytes) -> str:
    """Return the text of a PDF in the order of reading, with ordinary spaces."""
    said = subprocess.run(["pdftotext", "-raw", "-", "-"], input=data, capture_output=True, check=True).stdout.decode()
    return re.sub(r"[\s\u00a0\u202f]+", " ", said)


def in_order(text: str, *sentences: str) -> bool:
    """Say whether each sentence is there, each after the one before."""
    at = 0
    for sentence in sentences:
        found = text.find(sentence, at)
        assert found >= 0, f"{sentence!r} is not after {text[max(0, at - 60) : at]!r}"
        at = found + len(sentence)
    return True
