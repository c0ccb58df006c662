"""What the registers prove: interviews, positioning, house rules, surveys, complaints and improvements, as tables.

Always in French, as the papers are. Who complains is not named. Of an interview, what was decided leaves, and not what
was only said.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from popschool.db import db
from popschool.registers import (
    labels,
    rules,
    rules_outside,
    services,
    services_house,
    services_outside,
    services_surveys,
)
from popschool.registers.models import RulesReceipt
from popschool.registers.models_outside import OutsideAsked
from popschool.registers.rules import OF_A_PLACE, Register
from popschool.registers.rules_outside import Audience
from popschool.registers.services import Asked, Line
from popschool.reports.whole_file_part import Part
from popschool.schools.models import Enrolment, School

MOST = 5000
OF = {Audience.COMPANIES: "les entreprises", Audience.FUNDERS: "les financeurs"}
TOLD = {
    Register.INTERVIEWS: ("stage", "decided"),
    Register.POSITIONING: ("means", "result", "decided"),
    Register.COMPLAINTS: ("who", "said"),
    Register.IMPROVEMENTS: ("source", "what", "expected"),
}
ENDS = {Register.COMPLAINTS: "Réponse", Register.IMPROVEMENTS: "Ce que cela donne"}
FILES = {Register.INTERVIEWS: "entretiens", Register.POSITIONING: "positionnement"}
TITLES = {
    Register.INTERVIEWS: "Les entretiens, et ce qui est décidé",
    Register.POSITIONING: "Les positionnements à l'entrée",
    Register.COMPLAINTS: "Les réclamations, et leur réponse",
    Register.IMPROVEMENTS: "Les améliorations, et ce qu'elles donnent",
}


def written(register: Register, school: School, first: date, last: date) -> Part:
    """Return the lines of a register that somebody writes, of some days, as they stand. One query."""
    found, _total = services.listed(register, school.id, Asked(first=first, last=last), last, 0, MOST)
    return _part(register, reversed(found), with_person=register in OF_A_PLACE)


def _part(register: Register, lines: Iterable[Line], with_person: bool) -> Part:
    names = TOLD[register]
    with force_locale("fr"):
        heads = ["Numéro", "Jour", *(["Personne"] if with_person else [])]
        heads += [str(labels.field(register, name)) for name in names]
        heads += ["Avant le", ENDS[register], "Le"] if register in ENDS else ["Écrit par", "Version"]
        rows = [tuple(_cells(register, names, line, with_person)) for line in lines]
    return Part(str(register), TITLES[register], tuple(heads), rows)


def _cells(register: Register, names: Iterable[str], line: Line, with_person: bool) -> list[Any]:
    record = line.record
    row: list[Any] = [record.number, record.on]
    if with_person and record.enrolment is not None:
        row.append(record.enrolment.person.name)
    for name in names:
        text = record.facts.get(name, "")
        row.append(str(labels.choice(name, text)) if name in rules.CHOICES else text)
    if register in ENDS:
        return [*row, record.due_on or "", *((line.act.text, line.act.on) if line.act else ("", ""))]
    return [*row, record.by.name if record.by else "", record.version]


def signed(school: School, first: date, last: date) -> Part:
    """Return who signed which version of the house rules. One query."""
    heads = ("Version", "Personne", "Promo", "Signé le", "Empreinte du texte")
    return Part("house_rules", "Le règlement intérieur, et qui l'a signé", heads,
                list(services_house.signed_between(school, first, last)))  # fmt: skip


def surveyed(school: School, first: date, last: date) -> Part:
    """Return the surveys of some days with how many answered, never what a person said. One query."""
    found, _total = services_surveys.surveys_of(school.id, Asked(first=first, last=last), 0, MOST)
    rows = [
        (one.title, OF[one.audience] if one.audience else one.cohort, one.opens_on, one.closes_on, one.asked,
         one.answered, one.answered * 100 / one.asked)
        for one in reversed(found)
    ]  # fmt: skip
    heads = ("Enquête", "Auprès de", "Du", "Au", "Interrogés", "Réponses", "Taux de réponse (%)")
    return Part("surveys", "Les enquêtes de satisfaction", heads, rows)


def outside(school: School, first: date, last: date) -> Part:
    """Return what companies and funders were asked, how often they were written to, and what they said. One query."""
    found = services_outside.asked_between(school.id, first, last)
    with force_locale("fr"):
        rows = [
            (one.survey.title, OF[one.survey.asks], one.organisation, one.survey.opens_on, one.messages,
             one.answered_at.date() if one.answered_at else "", _said(one), one.answer.comment if one.answer else "")
            for one in found
        ]  # fmt: skip
    heads = ("Enquête", "Auprès de", "Organisme", "Ouverte le", "Messages envoyés", "Répondu le", "Réponses", "Texte")
    return Part("outside", "Les avis des entreprises et des financeurs", heads, rows)


def _said(one: OutsideAsked) -> str:
    words = one.answer.ratings if one.answer is not None else {}
    asked = [name for name in rules_outside.QUESTIONS[one.survey.asks] if name in words]
    return ", ".join(f"{labels.OUTSIDE_QUESTIONS[name]} : {labels.RATINGS[words[name]]}" for name in asked)


def of_place(register: Register, enrolment: Enrolment, first: date, last: date) -> Part:
    """Return what was written of a place in some days. One query."""
    lines = [
        one
        for one in services.lines_of_place(enrolment.id, last)
        if one.record.kind == register and first <= one.record.on <= last
    ]
    return replace(_part(register, reversed(lines), with_person=False), key=FILES[register])


def signed_by_place(enrolment: Enrolment, first: date, last: date) -> Part:
    """Return the house rules that somebody signed for their place. One query."""
    found = db.session.scalars(
        select(RulesReceipt)
        .where(RulesReceipt.enrolment_id == enrolment.id)
        .order_by(RulesReceipt.id)
        .options(joinedload(RulesReceipt.rules))
    )
    rows = [(one.rules.version, f"{one.at:%d/%m/%Y %H:%M:%S}", one.hash) for one in found if one.at.date() <= last]
    heads = ("Version", "Signé le (UTC)", "Empreinte du texte")
    return Part("reglement", "Le règlement intérieur signé", heads, rows)
