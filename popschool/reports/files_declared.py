"""The rows of what is declared by hand, in the order of the house's columns. A cell is empty when nothing is known."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from popschool.reports.rules_declared import Done, Known, Step
from popschool.reports.services_declared import KairosSheet, RateLine

DONE = {Done.RUNNING: "en formation", Done.WHOLE: "entière", Done.PARTLY: "partielle"}
GEN_LINES = {
    "people": "Effectif", "women": "Femmes", "priority_areas": "Résidents QPV", "low_level": "Niveau bac ou moins",
    "looking": "Demandeurs d'emploi", "under_26": "Moins de 26 ans", "retraining": "En reconversion",
    "dropped": "Abandons", "titles": "Titres", "three_months": "Sorties positives à 3 mois",
    "six_months": "Sorties positives à 6 mois",
}  # fmt: skip
REASONS = {
    "completed": "formation terminée", "employment": "emploi", "other_training": "autre formation",
    "moved_cohort": "autre promo", "dropped_out": "abandon", "other": "autre",
}  # fmt: skip


def cpf_rows(lines: Sequence[RateLine]) -> Iterator[tuple[Any, ...]]:
    for line in lines:
        place, rate = line.enrolment, line.rate
        has_ended = rate.state is not Done.RUNNING
        yield (
            place.person.last_name, place.person.first_name, line.share.file_number or None, place.starts_on,
            place.last_day if has_ended else None, rate.done / 60, rate.whole / 60 if rate.whole else None,
            rate.percent, DONE[rate.state], REASONS.get(place.exit_reason or "") if has_ended else None,
            "oui" if rate.may_declare else "non",
        )  # fmt: skip


def kairos_rows(sheet: KairosSheet) -> Iterator[tuple[Any, ...]]:
    for line in sheet.lines:
        place, hours = line.enrolment, line.counted.hours
        typed = [line.done.get(step.value) for step in Step]
        yield (
            sheet.session or None, line.share.file_number or None, place.person.last_name, place.person.first_name,
            place.starts_on, place.left_on, REASONS.get(place.exit_reason or ""), hours.realised / 60,
            (hours.justified + hours.unjustified) / 60,
            *(date.fromisoformat(one.value) if one else None for one in typed),
        )  # fmt: skip


def gen_rows(figures: Mapping[str, Known]) -> Iterator[tuple[Any, ...]]:
    for key, one in figures.items():
        yield GEN_LINES[key], one.count, one.known, one.whole
