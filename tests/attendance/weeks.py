"""A week of a cohort, signed, marked and closed, for tests of sheets and their papers."""

from dataclasses import dataclass
from datetime import date, time, timedelta

from popschool import storage
from popschool.attendance import services, services_marks, services_sheets, tasks
from popschool.attendance.models import HalfDay
from popschool.attendance.models_sheets import Sheet, SheetPaper
from popschool.attendance.rules import Absence, Mark, Method
from popschool.attendance.services import Act
from popschool.attendance.services_marks import Said
from popschool.db import db
from popschool.schools.models import Cohort, Person
from tests.factories import (
    make_cohort,
    make_half_day,
    make_learner,
    make_network,
    make_school,
    make_trainer,
    save,
)

MONDAY = date(2027, 3, 8)
HOURS = {"am": (time(9), time(12, 30)), "pm": (time(13, 30), time(17))}
BUTTON = Act(Method.BUTTON, "Je participe à la séance.", "1-fr", device="d1c0ffee", address="192.0.2.0")


@dataclass
class Week:
    """A cohort's week: its half-days in order, who leads them, who is in it."""

    cohort: Cohort
    trainer: Person
    people: list[Person]
    half_days: list[HalfDay]

    @property
    def over(self):
        return self.half_days[-1].span.ends_at + timedelta(minutes=4)

    def sign(self, half_day, person, act=BUTTON, minutes=4):
        return services.sign(half_day, person, act, half_day.span.starts_at + timedelta(minutes=minutes))

    def mark(self, half_day, person, said, by=None, at=None):
        moment = at or half_day.span.starts_at + timedelta(minutes=20)
        return services_marks.mark(half_day, person, said, by or self.trainer, moment)

    def finish(self):
        """Let everybody of whom nothing is said sign, and the trainers countersign."""
        for half_day in self.half_days:
            done = {entry.person_id for entry in db.session.query(services.Entry).filter_by(half_day_id=half_day.id)}
            for person in self.people:
                if person.id not in done:
                    self.sign(half_day, person)
            for leader in list(half_day.leaders):
                services.countersign(half_day, leader.person, BUTTON, half_day.span.ends_at + timedelta(minutes=1))

    def close(self, by=None) -> Sheet:
        return services_sheets.close_week(self.cohort, MONDAY, by or self.trainer, self.over)


def make_week(people=3, half_days=2, monday=MONDAY, **given) -> Week:
    """A week with its papers in order. `given` are fields of every half-day."""
    network = make_network(
        legal_name="Association Pop School",
        address="23 place de l'Abondance, 59300 Valenciennes",
        siret="12345678900012",
        activity_number="32591234567",
    )
    school = make_school(
        network_id=network.id,
        name="École de Valenciennes",
        address="1 rue du Lycée, 59300 Valenciennes",
        siret="12345678900020",
    )
    cohort = make_cohort(school)
    trainer = make_trainer(cohort)
    learners = [
        make_learner(cohort, first_name=f"Apprenante {number:02}", last_name=f"{cohort.code}")
        for number in range(1, people + 1)
    ]
    planned = []
    for number in range(half_days):
        half = "am" if number % 2 == 0 else "pm"
        fields = {"on": monday + timedelta(days=number // 2), "half": half, "module": "Réaliser une page"}
        fields |= dict(zip(("starts", "ends"), HOURS[half], strict=True)) | given
        planned.append(make_half_day(cohort, trainer, **fields))
    save()
    return Week(cohort, trainer, learners, planned)


def paper_of(sheet: Sheet) -> bytes:
    """Do the job that makes a sheet's paper, and return its bytes."""
    tasks.make_paper(sheet.id)
    db.session.expire_all()
    return storage.read(db.session.get_one(SheetPaper, sheet.id).hash)


AWAY = Said(Mark.ABSENT, Absence.UNJUSTIFIED)
SICK = Said(Mark.ABSENT, Absence.JUSTIFIED, code="AJ-MAL", reason="Grippe")
LATE = Said(Mark.PARTIAL, Absence.UNJUSTIFIED, late_minutes=25)
