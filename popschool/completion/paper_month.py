"""D2, the état de présence mensuel: a line for each place of a cohort, for one funder or for all of them.

Source: the reference of funders' documents, 3.5. It says no motive of an absence.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from popschool.completion import paper_parts as parts
from popschool.completion.paper_certificate import FORMULAS, figures
from popschool.completion.paper_parts import Composed
from popschool.completion.rules_hours import Hours, add_up, attendance_rate, decimal_hours, printed_column, rounded
from popschool.completion.services_facts import CohortFacts, PersonFacts

HEADS = ("Personne", "Dates", "Prévues", "Centre", "Distance", "Entrep.", "Abs. just.", "Abs. inj.", "Retards", "Taux")
NUMBERS = 8
LEGEND = (
    "Heures en centièmes. Prévues : les séances du mois qui sont passées. Les retards et les départs avant la fin sont "
    "compris dans les absences. Prévues = centre + distance + absences justifiées + absences injustifiées."
)
EXITS = {
    "completed": "fin du parcours", "employment": "sortie pour un emploi", "other_training": "autre formation",
    "moved_cohort": "autre promo", "dropped_out": "abandon", "never_came": "jamais venue", "other": "sortie",
}  # fmt: skip


def month(of: CohortFacts, found: Sequence[PersonFacts], lates: Mapping[int, int], payer: str) -> Composed:
    """`lates` are the minutes missed inside half-days partly followed, by enrolment; `payer` who it is for."""
    month_name = parts.filters.month(found[0].stretch.first if found else of.today, parts.filters.FRENCH)
    formula = found[0].settings["attendance_formula"].value if found else "plain"
    shown = [(one, rounded(one.hours, one.settings["rounding"].value)) for one in found]
    total = add_up(hours for _one, hours in shown)
    late_total = sum(lates.get(one.enrolment.id, 0) for one in found)
    rows = [[_who(one), _dates(one), *_line(hours, lates.get(one.enrolment.id, 0), formula)] for one, hours in shown]
    blocks = [
        *parts.issuer(of),
        parts.facts([("Action", of.title), ("Mois", month_name), ("Financeur", payer)]),
        parts.table(
            f"État de présence, {month_name}",
            HEADS,
            [*rows, ["Total", "", *_line(total, late_total, formula)]],
            NUMBERS,
            total=True,
            widths=(5, 3),
        ),
        parts.p(LEGEND, "small"),
        parts.p(f"Taux d'assiduité : {FORMULAS[formula]}.", "small"),
        parts.signature(of, "Signature du responsable de l'organisme de formation"),
    ]
    return Composed(
        heading="ÉTAT DE PRÉSENCE MENSUEL",
        blocks=blocks,
        check=[
            ["Promo", of.cohort.code],
            ["Mois", month_name],
            ["Personnes", str(len(found))],
            ["Heures réalisées", parts.hours(total.realised)],
        ],
        figures={"minutes": total.realised, **figures(total)},
    )


def _line(hours: Hours, late: int, formula: str) -> list[str]:
    column = printed_column(hours.due, hours.realised, (hours.justified, hours.unjustified))
    due, realised, justified, unjustified = (parts.number(one) for one in column)
    centre = realised if not hours.distance else parts.number(column[1] - decimal_hours(hours.distance))
    return [
        due, centre, parts.hours(hours.distance), parts.hours(hours.company), justified, unjustified, parts.hours(late),
        parts.percent(attendance_rate(hours, formula)),
    ]  # fmt: skip


def _who(one: PersonFacts) -> str:
    name = parts.full_name(one.person.first_name, one.person.last_name)
    number = one.share.file_number if one.share and one.share.file_number else ""
    return f"{name}\n{number}" if number else name


def _dates(one: PersonFacts) -> str:
    enrolment: Any = one.enrolment
    said = f"{one.stretch.first:%d/%m} au {one.stretch.last:%d/%m}"
    return f"{said}\n{EXITS.get(enrolment.exit_reason or '', 'sortie')}" if enrolment.left_on else said
