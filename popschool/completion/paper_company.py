"""The documents of a period in a company: its agreement, its statement, what the tutor says, the visits.

Source: the reference of funders' documents, 4.5.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from popschool.attendance.models import CompanyPeriod, CompanyWeek
from popschool.completion import paper_parts as parts
from popschool.completion.models_company import CompanyVisit
from popschool.completion.paper_parts import Block, Composed
from popschool.completion.rules_company import HOWS, MARKS, How, Mark
from popschool.completion.services_facts import PersonFacts


def agreement(facts: PersonFacts) -> Composed:
    """The convention of a period in a company: who, when, how many hours, for which competences."""
    of = facts.of
    blocks: list[Block] = [*parts.issuer(of), parts.p(f"Stagiaire : M./Mme {parts.who(facts)}, action {of.title}.")]
    for period in facts.counted.periods:
        blocks += [
            parts.h(period.company or "Entreprise à nommer"),
            parts.facts(
                [
                    ("SIRET", parts.siret(period.siret)),
                    ("Tuteur ou tutrice", period.tutor_name),
                    ("Dates", parts.between(period.starts_on, period.ends_on)),
                    ("Horaires", f"{parts.hours(period.minutes_a_day)} heures par jour, du lundi au vendredi"),
                ]
            ),
        ]
    blocks += [
        parts.p(f"Heures prévues en entreprise : {parts.hours(facts.hours.company_planned)}.", "strong"),
        parts.h("Objectifs de la période, par compétence"),
        parts.bullets(
            [one["title"] for block in of.blocks for one in block.get("competences") or ()] or of.action.objectives
        ),
        parts.p(
            "Pendant la période, la personne reste stagiaire de la formation professionnelle. Chaque semaine, elle et "
            "son tuteur ou sa tutrice signent l'état de présence."
        ),
        parts.signature(of, "L'organisme de formation", ["L'entreprise d'accueil", "Le ou la stagiaire"]),
    ]
    return Composed(
        heading="CONVENTION DE PÉRIODE EN ENTREPRISE",
        blocks=blocks,
        check=parts.check(facts, ("Heures prévues en entreprise", parts.hours(facts.hours.company_planned))),
        figures={"minutes": facts.hours.company_planned},
    )


DAYS = ("Lun.", "Mar.", "Mer.", "Jeu.", "Ven.", "Sam.")
WORKED = 5  # a column for Saturday comes when somebody worked on one


def company(facts: PersonFacts) -> Composed:
    """The statement of presence in a company: each week that a tutor signed, and what they add up to."""
    of, periods = facts.of, facts.counted.periods
    weeks = []
    for week in facts.counted.company_weeks:
        days = {date.fromisoformat(day): minutes for day, minutes in week.days.items()}
        weeks.append((week, {day: minutes for day, minutes in days.items() if facts.stretch.holds(day)}))
    shown = max([WORKED, *(day.weekday() + 1 for _week, own in weeks for day in own)])
    rows = []
    for week, own in weeks:
        worked = {day.weekday(): parts.hours(minutes) for day, minutes in own.items()}
        cells = [worked.get(place, "–") for place in range(shown)]
        signed = parts.between(week.monday, week.monday + timedelta(days=4)), _signatures(week)
        rows.append((*signed, *cells, parts.hours(sum(own.values()))))
    total = parts.hours(facts.hours.company)
    return Composed(
        heading="ÉTAT DE PRÉSENCE EN ENTREPRISE",
        blocks=[
            *parts.issuer(of),
            parts.facts(
                [
                    ("Stagiaire", f"M./Mme {parts.who(facts)}"),
                    ("Action", of.title),
                    ("Entreprise", _each(one.company for one in periods)),
                    ("Tuteur ou tutrice", _each(one.tutor_name for one in periods)),
                    ("Dates", _each(parts.between(one.starts_on, one.ends_on) for one in periods)),
                ]
            ),
            parts.table(
                "Semaines signées par la personne et par son tuteur ou sa tutrice, en heures",
                ["Semaine", "Signatures", *DAYS[:shown], "Total"],
                [*rows, ("Total", "", *([""] * shown), total)],
                shown + 1,
                total=True,
                widths=(5, 6),
            ),
            parts.signature(of, "L'organisme de formation"),
        ],
        check=parts.check(facts, ("Heures en entreprise", total)),
        figures={"minutes": facts.hours.company},
    )


def _each(texts: Iterable[str]) -> str:
    """Return each text once, on its own line."""
    return "\n".join(dict.fromkeys(text for text in texts if text))


def _signatures(week: CompanyWeek) -> str:
    """Return who signed a week, and when."""
    signed = [("stagiaire", week.learner_signed_at), (week.tutor_name or "tuteur ou tutrice", week.tutor_signed_at)]
    return "\n".join(f"{who}, le {parts.day(at.date())}" for who, at in signed if at is not None)


def _whose(facts: PersonFacts) -> list[Block]:
    return [*parts.issuer(facts.of), parts.p(f"Stagiaire : M./Mme {parts.who(facts)}, action {facts.of.title}.")]


def _period(period: CompanyPeriod) -> list[Block]:
    return [
        parts.h(period.company or "Entreprise à nommer"),
        parts.facts(
            [
                ("SIRET", parts.siret(period.siret)),
                ("Tuteur ou tutrice", period.tutor_name),
                ("Dates", parts.between(period.starts_on, period.ends_on)),
            ]
        ),
    ]


def evaluation(facts: PersonFacts) -> Composed:
    """What the tutor of each period saw, by competence. It is no award: a trainer gives those."""
    titles = {one["id"]: one["title"] for block in facts.of.blocks for one in block.get("competences") or ()}
    blocks = _whose(facts)
    found = []
    for period in facts.counted.periods:
        blocks += _period(period)
        said = facts.told.evaluation_in(period.id)
        if said is None:
            blocks.append(parts.p("L'avis de l'entreprise n'est pas encore donné."))
            continue
        found.append(said)
        rows = [(titles.get(key, key), MARKS[Mark(mark)]) for key, mark in said.marks.items()]
        if rows:
            heads = ["Compétence", "Dans l'entreprise"]
            blocks.append(parts.table("Ce que l'entreprise a vu", heads, rows, 0, widths=(3, 1)))
        if said.comment:
            blocks.append(parts.p(f"« {said.comment} »"))
        noted = f", noté par {said.noted_by.name}" if said.noted_by else ""
        blocks.append(parts.p(f"Avis donné par {said.tutor_name} le {parts.day(said.written_at.date())}{noted}."))
    return Composed(
        heading="ÉVALUATION EN ENTREPRISE",
        blocks=[*blocks, parts.signature(facts.of, "L'organisme de formation")],
        check=parts.check(facts, ("Entreprise", _each(one.company for one in facts.counted.periods))),
        sources=[("evaluation", one.id) for one in found],
    )


def visit(facts: PersonFacts) -> Composed:
    """The visits of the school in each period: when, whom, what the person does there, what comes next."""
    blocks = _whose(facts)
    for period in facts.counted.periods:
        blocks += _period(period)
        visits = facts.told.visits_in(period.id)
        blocks += [block for one in visits for block in _visit(one)] or [parts.p("Pas encore de visite.")]
    return Composed(
        heading="COMPTE RENDU DE VISITE EN ENTREPRISE",
        blocks=[*blocks, parts.signature(facts.of, "L'organisme de formation")],
        check=parts.check(facts, ("Visites", str(len(facts.told.visits)))),
        sources=[("visit", one.id) for one in facts.told.visits],
    )


def _visit(one: CompanyVisit) -> list[Block]:
    return [
        parts.facts(
            [
                ("Visite", f"le {parts.day(one.on)}, {HOWS[How(one.how)]}"),
                ("Faite par", one.visited_by.name),
                ("Personnes rencontrées", one.met),
            ]
        ),
        parts.facts(
            [
                ("Travail de la personne", one.tasks),
                ("Ce qui marche bien, ce qui est difficile", one.goes_well),
                ("Suite décidée", one.next_steps),
            ],
            columns=1,
        ),
    ]
