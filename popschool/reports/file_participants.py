"""The file of an operation's participants, in the fund's columns: with what lies under lock, or without it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from popschool.reports.labels_participants import REASONS, sent
from popschool.reports.models_participants import Operation
from popschool.reports.rules_participants import LOCKED, Moment
from popschool.reports.services_participants import Known, Overview
from popschool.spreadsheets import Column

# Column → the question that fills it; the others come from the rows.
ASKED = {
    "date_naissance": "birth", "sexe": "sex", "commune": "town", "code_postal": "postcode",
    "situation_entrée": "situation", "durée_sans_emploi": "without_job", "niveau_diplôme": "diploma",
    "handicap": "disability", "nationalité_hors_UE": "nationality", "origine_étrangère": "origin",
    "sans_domicile_stable": "housing", "foyer_monoparental": "single_parent", "zone_rurale": "rural",
    "ressources": "resources", "situation_sortie": "situation_out", "type_contrat": "contract",
    "qualification_obtenue": "qualification", "situation_6_mois": "situation_later",
}  # fmt: skip
Cell = str | int | date | None


def columns(said: Sequence[Column], with_locked: bool) -> list[Column]:
    """Return the columns that a file has, of those that the network says: what lies under lock goes with it alone."""
    return [one for one in said if with_locked or ASKED.get(one.key) not in LOCKED]


def rows(
    operation: Operation, found: Overview, locked: Mapping[int, Mapping[str, str]] | None, kept: Sequence[Column]
) -> Iterator[tuple[Cell, ...]]:
    """Yield a line for each participant; a cell is empty when nothing is known. `locked` is by the answer's id."""
    for known, standing in zip(found.known, found.standings, strict=True):
        line = _line(operation, known, locked or {}) | {"complétude_pct": standing.percent}
        yield tuple(line[one.key] for one in kept)


def _line(operation: Operation, known: Known, locked: Mapping[int, Mapping[str, str]]) -> dict[str, Cell]:
    person, one = known.person, known.participant
    answers = {key: value for said in known.answers.values() for key, value in said.facts.items()}
    for said in known.answers.values():
        answers |= locked.get(said.id, {})
    entry, left, later = (known.answers.get(moment) for moment in Moment)
    line: dict[str, Cell] = {name: sent(key, answers.get(key)) or None for name, key in ASKED.items()}
    if answers.get("birth"):
        line["date_naissance"] = date.fromisoformat(answers["birth"])
    return line | {
        "identifiant": person.learner_number or f"P{person.id}",
        "nom": person.last_name,
        "prénom": person.first_name,
        "téléphone": person.phone or "",
        "email": person.mail or "",
        "référent": operation.referent,
        "opération": operation.number or operation.name,
        "date_entrée": one.first_on,
        "date_recueil_entrée": entry.said_on if entry else None,
        "date_sortie": one.last_on,
        "date_saisie_sortie": left.said_on if left else None,
        "délai_saisie_jours": (left.said_on - one.last_on).days if left and one.last_on else None,
        "motif_sortie": REASONS.get(known.reason, ""),
        "date_relevé_6_mois": later.said_on if later else None,
    }
