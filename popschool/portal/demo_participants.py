"""An operation of the European Social Fund at the demonstration's first school: most have answered, some must still."""

import random
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from popschool.completion.models import EnrolmentFunding
from popschool.db import db
from popschool.reports import rules_participants as rules
from popschool.reports import services_participants as services
from popschool.reports.models_participants import ParticipantAnswer, ParticipantLocked
from popschool.reports.rules_participants import REFUSED, Kind, Moment, Terms
from popschool.schools.models import Cohort, Enrolment, Person

TOWNS = (("59100", "Roubaix"), ("59000", "Lille"), ("62300", "Lens"))
ANSWERED = 4  # of five


def make_operation(demo: Any, cohort: Cohort, manager: Person) -> None:
    """Make the operation of a cohort, and let four people out of five have answered the questions of its entry."""
    funded = select(EnrolmentFunding.funding_id).join(Enrolment).where(Enrolment.cohort_id == cohort.id).distinct()
    values = {
        "name": f"Insertion par le numérique, {cohort.school.name}",
        "number": f"DEMO-{cohort.code}",
        "referent": manager.name,
        "starts_on": cohort.starts_on,
        "ends_on": cohort.ends_on,
    }
    operation = services.save_operation(
        cohort.school, None, values, list(db.session.scalars(funded)), manager, demo.now
    )
    chance = random.Random(cohort.code)
    terms = services.terms_of(operation)[0]
    for place, known in enumerate(services.known_in(operation, demo.day)):
        if place % (ANSWERED + 1) < ANSWERED:
            on = min(known.participant.first_on + timedelta(days=chance.randrange(3)), demo.day)
            _answer(operation.id, cohort.school_id, known.person, terms, on, demo, chance)


def _answer(
    operation_id: int, school_id: int, person: Person, terms: Terms, on: date, demo: Any, chance: random.Random
) -> None:
    said: dict[str, str] = {}
    postcode, town = chance.choice(TOWNS)
    typed = {"birth": f"{chance.randrange(1970, 2006)}-0{chance.randrange(1, 9)}-1{chance.randrange(9)}"}
    typed |= {"postcode": postcode, "town": town}
    for one in rules.QUESTIONS:
        if one in rules.asked(Moment.ENTRY, terms, said):
            usual = "looking" if one.key == "situation" else "no" if one.is_locked else ""
            choices = [one_choice for one_choice in one.answers if one_choice != REFUSED]
            picked = usual if usual in one.answers and chance.random() < 0.7 else chance.choice(choices or [""])
            said[one.key] = picked if one.kind is Kind.CHOICE else typed[one.key]
    asked = rules.asked(Moment.ENTRY, terms, said)
    made = ParticipantAnswer(
        school_id=school_id, operation_id=operation_id, person_id=person.id, moment=str(Moment.ENTRY),
        asked=sorted(one.key for one in asked), facts={one.key: said[one.key] for one in asked if not one.is_locked},
        said_on=on, said_at=min(demo.now, demo.now - (demo.day - on)),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    locked = {one.key: said[one.key] for one in asked if one.is_locked}
    db.session.add(ParticipantLocked(answer_id=made.id, school_id=school_id, said=locked))
