"""The other documents of one person: end of training, attendance, workshop, competences."""

from collections.abc import Iterable

from popschool.completion import paper_parts as parts
from popschool.completion.paper_certificate import FORMULAS, figures
from popschool.completion.paper_parts import Block, Composed
from popschool.completion.rules_hours import Hours, add_up, attendance_rate, printed_column, rounded
from popschool.completion.services_facts import PersonFacts
from popschool.completion.services_levels import Reached

LEVEL_WORDS = {0: "pas encore", 1: "imiter", 2: "adapter", 3: "transposer"}
RESULTS = ("non acquis", "en cours", "acquis")
REQUESTED = "Attestation établie à la demande de la personne, pour servir et faire valoir ce que de droit."


def _shown(facts: PersonFacts) -> Hours:
    return rounded(facts.hours, facts.settings["rounding"].value)


def _result(reached: Reached | None, level: int) -> str:
    return RESULTS[0] if reached is None else RESULTS[2 if reached.level >= level else 1]


def end(facts: PersonFacts) -> Composed:
    """D4, the attestation de fin de formation. Source: Code du travail, L6353-1. It ranks nobody."""
    of, shown = facts.of, _shown(facts)
    levels = facts.levels
    rows = [
        (one["title"], _result(levels.get(one["id"]), facts.level_asked))
        for block in of.blocks
        for one in block.get("competences") or ()
    ]
    blocks: list[Block] = [
        *parts.issuer(of),
        parts.p(f"{of.legal_name} atteste que M./Mme {parts.who(facts)} a suivi l'action de formation :"),
        parts.p(of.title, "strong"),
        parts.facts(
            [
                ("Nature de l'action", parts.NATURES.get(of.action.nature, of.action.nature)),
                ("Dates", parts.dates(facts)),
                ("Durée réalisée", f"{parts.hours(shown.realised)} heures"),
                ("En entreprise", f"{parts.hours(shown.company)} heures" if shown.company else ""),
                ("Certification préparée", of.certification),
            ]
        ),
        parts.h("Objectifs"),
        parts.bullets(of.action.objectives),
    ]
    if rows:
        blocks += [
            parts.h("Résultats de l'évaluation des acquis"),
            parts.table("Objectifs évalués pendant la formation", ["Compétence", "Résultat"], rows, 0, widths=(4, 1)),
        ]
    blocks.append(parts.signature(of, "Signature du responsable de l'organisme de formation"))
    return Composed(
        heading="ATTESTATION DE FIN DE FORMATION",
        blocks=blocks,
        check=parts.check(facts, ("Durée réalisée", f"{parts.hours(shown.realised)} heures")),
        figures={"minutes": shown.realised, **figures(facts.hours)},
        sources=[("submission", one.submission_id) for one in levels.values()],
    )


def attendance(facts: PersonFacts) -> Composed:
    """D5, the attestation d'assiduité: the certificate's words, and a table of months. No motive of absence."""
    of, shown = facts.of, _shown(facts)
    formula = facts.settings["attendance_formula"].value
    rounding = facts.settings["rounding"].value
    months = [(first, rounded(hours, rounding)) for first, hours in facts.counted.months]
    rows = [[parts.filters.month(first, parts.filters.FRENCH), *_month(hours, formula)] for first, hours in months]
    total = add_up(hours for _first, hours in months)
    return Composed(
        heading="ATTESTATION D'ASSIDUITÉ",
        blocks=[
            *parts.issuer(of),
            parts.p(
                f"Je soussigné(e) {of.signatory.name if of.signatory else ''}, "
                f"{of.signatory.quality if of.signatory else ''}, atteste que M./Mme {parts.who(facts)} a suivi "
                f"l'action {of.title}, {parts.dates(facts)}, pour une durée de {parts.hours(total.realised)} heures."
            ),
            parts.table(
                "Assiduité, en heures",
                ["Mois", "Prévues", "Réalisées", "Absences justifiées", "Absences injustifiées", "Taux"],
                [*rows, ["Total", *_month(total, formula)]],
                5,
                total=True,
            ),
            parts.p(f"Taux d'assiduité : {FORMULAS[formula]}.", "small"),
            parts.p(REQUESTED),
            parts.signature(of, "Signature du responsable de l'organisme de formation"),
        ],
        check=parts.check(facts, ("Heures réalisées", parts.hours(total.realised))),
        figures={"minutes": shown.realised, **figures(facts.hours)},
    )


def _month(hours: Hours, formula: str) -> list[str]:
    column = printed_column(hours.due, hours.realised, (hours.justified, hours.unjustified))
    return [*(parts.number(one) for one in column), parts.percent(attendance_rate(hours, formula))]


def workshop(facts: PersonFacts) -> Composed:
    """The attestation of a workshop of one half-day, paid or not by a digital voucher."""
    of, share, shown = facts.of, facts.share, _shown(facts)
    return Composed(
        heading="ATTESTATION DE PARTICIPATION",
        blocks=[
            *parts.issuer(of),
            parts.p(f"{of.legal_name} atteste que M./Mme {parts.who(facts)} a participé à l'atelier :"),
            parts.p(of.title, "strong"),
            parts.facts(
                [
                    ("Dates", parts.dates(facts)),
                    ("Durée suivie", f"{parts.hours(shown.realised)} heures"),
                    ("Chèque numérique", share.voucher if share else ""),
                    ("Financeur", share.funding.funder.name if share else ""),
                ]
            ),
            parts.h("Ce qui a été travaillé"),
            parts.bullets(of.action.objectives),
            parts.signature(of, "Signature du responsable de l'organisme de formation"),
        ],
        check=parts.check(facts, ("Durée suivie", f"{parts.hours(shown.realised)} heures")),
        figures={"minutes": shown.realised, **figures(facts.hours)},
    )


def booklet(facts: PersonFacts) -> Composed:
    """The livret de compétences: each competence of the title, its level, and the work that proves it."""
    of, levels = facts.of, facts.levels
    blocks: list[Block] = [
        *parts.issuer(of),
        parts.p(f"M./Mme {parts.who(facts)}, {of.title}, {parts.dates(facts)}."),
        parts.p("Trois niveaux : imiter un modèle, adapter à un cas proche, transposer dans un cas nouveau."),
    ]
    seen: set[str] = set()
    for block in of.blocks:
        competences = block.get("competences") or ()
        seen.update(one["id"] for one in competences)
        blocks.append(parts.h(block.get("title", "")))
        blocks.append(_proofs(((one["title"], levels.get(one["id"])) for one in competences), block.get("short", "")))
    others = [one for key, one in sorted(levels.items()) if key not in seen]
    if others:
        blocks.append(parts.h("Compétences prouvées dans une autre formation"))
        blocks.append(_proofs(((one.title, one) for one in others), "Autres compétences"))
    blocks.append(parts.signature(of, "Signature du responsable de l'organisme de formation"))
    reached = sum(1 for one in levels.values() if one.level >= facts.level_asked)
    return Composed(
        heading="LIVRET DE COMPÉTENCES",
        blocks=blocks,
        check=parts.check(facts, ("Compétences au niveau demandé", str(reached))),
        figures={"reached": reached},
        sources=[("submission", one.submission_id) for one in levels.values()],
    )


def _proofs(lines: Iterable[tuple[str, Reached | None]], caption: str) -> Block:
    rows = []
    for title, one in lines:
        proof = ""
        if one is not None:
            day = parts.day(one.awarded_at.date())
            proof = f"{one.deliverable}, version {one.version} (travail n° {one.submission_id})\n{day}, {one.trainer}"
        rows.append((title, LEVEL_WORDS[one.level if one else 0], proof))
    return parts.table(caption or "Compétences", ["Compétence", "Niveau", "Preuve"], rows, 0, widths=(5, 2, 5))
