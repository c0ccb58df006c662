"""The registers of the demonstration's first school: interviews, house rules half signed, a survey, a complaint."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from popschool.db import db
from popschool.registers import services, services_house, services_outside, services_surveys
from popschool.registers.models import SurveyAnswer, SurveyAsked
from popschool.registers.models_outside import OutsideAsked
from popschool.registers.rules import QUESTIONS, Draft, Register
from popschool.registers.rules_outside import QUESTIONS as OUTSIDE
from popschool.registers.rules_outside import Audience, Contact
from popschool.schools.models import Cohort, Enrolment, Person

HOUSE = """Respect
Chacun respecte les autres, leur travail et leurs différences. Le harcèlement est interdit.

Horaires
On prévient l'équipe avant une absence ou un retard. Chaque demi-journée se signe.

Matériel
Le matériel reste à l'école, sauf accord de l'équipe. On signale ce qui est cassé.

Sécurité
On suit les consignes d'incendie. On ne fume pas dans les locaux.

Sanctions
Un avertissement écrit vient d'abord. La personne est entendue avant toute exclusion."""
SAID = "Le projet avance. Le rythme du matin est difficile."
DECIDED = ("Un point chaque lundi avec l'équipe.", "Reprendre le projet 2 avec un binôme.", "Préparer le CV en mars.")


def make_registers(demo: Any, cohort: Cohort, manager: Person) -> None:
    """Let the first cohort have a life in the registers, up to the demonstration's day."""
    places = db.session.scalars(
        select(Enrolment).where(Enrolment.cohort_id == cohort.id, Enrolment.left_on.is_(None)).order_by(Enrolment.id)
    ).all()
    _talk(demo, cohort, manager, places)
    house = services_house.publish(cohort.school_id, HOUSE, manager, demo.now - timedelta(days=7), demo.day)
    for place in places[3:]:
        services_house.sign(house, place, demo.now - timedelta(days=6))
    _survey(demo, cohort, manager)
    _outside(demo, cohort.school_id, manager)
    complaint = services.write(
        Register.COMPLAINTS, cohort.school_id,
        Draft(demo.day - timedelta(days=9), {"who": "learner", "said": "La salle du fond est trop froide le matin."}),
        None, demo.now, demo.day, secret="d" * services.SECRET_LENGTH,
    )  # fmt: skip
    services.end(complaint, "Le chauffage démarre maintenant à 7 h. Merci de l'avoir dit.", manager, demo.now, demo.day)
    services.write(
        Register.IMPROVEMENTS, cohort.school_id,
        Draft(
            demo.day - timedelta(days=5),
            {"source": "complaint", "what": "Régler le chauffage des trois salles.", "expected": "19 degrés à 9 h."},
            demo.day + timedelta(days=20), manager.id, complaint.id,
        ),
        manager, demo.now, demo.day,
    )  # fmt: skip


def _talk(demo: Any, cohort: Cohort, manager: Person, places: Sequence[Enrolment]) -> None:
    for rank, place in enumerate(places):
        if rank != 1:
            tested = {"means": "test", "result": "Bases de HTML acquises.", "decided": "Parcours entier."}
            entered = Draft(min(place.starts_on, demo.day), tested)
            services.write(Register.POSITIONING, cohort.school_id, entered, manager, demo.now, demo.day, place)
        if rank < len(DECIDED):
            facts = {"stage": "way", "said": SAID, "decided": DECIDED[rank]}
            services.write(
                Register.INTERVIEWS, cohort.school_id, Draft(demo.day, facts, demo.day + timedelta(days=14)), manager,
                demo.now, demo.day, place,
            )  # fmt: skip


def _survey(demo: Any, cohort: Cohort, manager: Person) -> None:
    opens_on, closes_on = max(cohort.starts_on, demo.day - timedelta(days=2)), demo.day + timedelta(days=12)
    services_surveys.open_survey(cohort, "À mi-parcours", opens_on, closes_on, manager, demo.now)
    first = cohort.starts_on + timedelta(days=3)
    last = first + timedelta(days=14)
    if last >= demo.day:
        return
    past = services_surveys.open_survey(cohort, "Après deux semaines", first, last, manager, demo.now)
    asked = db.session.scalars(select(SurveyAsked).where(SurveyAsked.survey_id == past.id)).all()
    for rank, one in enumerate(asked[:-2]):
        one.has_answered, one.messages = True, 1
        ratings = {name: 4 - (rank + place) % 3 for place, name in enumerate(QUESTIONS)}
        comment = "Merci à l'équipe." if rank % 5 == 0 else ""
        db.session.add(
            SurveyAnswer(id=f"{demo.random.getrandbits(128):032x}", survey_id=past.id, ratings=ratings, comment=comment)
        )


def _outside(demo: Any, school_id: int, manager: Person) -> None:
    """Companies were asked their opinion: one has answered."""
    days = (demo.day - timedelta(days=3), demo.day + timedelta(days=18))
    names = ("Atelier Bel", "Mairie d'Anzin", "Web du Hainaut")
    contacts = [Contact(f"contact{number}@example.org", name) for number, name in enumerate(names, 1)]
    made = services_outside.open_survey(
        school_id, Audience.COMPANIES, "Bilan des périodes en entreprise", days, contacts, manager,
        demo.now - timedelta(days=3),
    )  # fmt: skip
    asked = select(OutsideAsked).where(OutsideAsked.survey_id == made.id).order_by(OutsideAsked.id)
    first = db.session.scalars(asked).first()
    ratings = {name: 4 - place % 2 for place, name in enumerate(OUTSIDE[Audience.COMPANIES])}
    services_outside.answer(first, ratings, "Une personne sérieuse. Prévenez-nous plus tôt.", demo.now, demo.day)
