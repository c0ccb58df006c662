"""D3, the certificat de réalisation: the ministry's model, word for word, and an annex when the agreement asks for it.

Source: the model published by the ministry of Labour, on the ground of the arrêté du 21 décembre 2018.
"""

from popschool.completion import paper_parts as parts
from popschool.completion.paper_parts import Block, Composed
from popschool.completion.rules_hours import (
    Hours,
    attendance_rate,
    cpf_rate,
    printed_column,
    realisation_rate,
    rounded,
)
from popschool.completion.services_facts import PersonFacts

FORMULAS = {
    "plain": "heures réalisées ÷ heures prévues échues × 100",
    "justified_added": "(heures réalisées + absences justifiées) ÷ heures prévues échues × 100",
    "justified_removed": "heures réalisées ÷ (heures prévues échues − absences justifiées) × 100",
}
KEEPING = (
    "Sans préjudice des délais imposés par les règles fiscales, comptables ou commerciales, je m'engage à conserver "
    "l'ensemble des pièces justificatives qui ont permis d'établir le présent certificat pendant une durée de 3 ans à "
    "compter de la fin de l'année du dernier paiement. En cas de cofinancement des fonds européens la durée de "
    "conservation est étendue conformément aux obligations conventionnelles spécifiques."
)
NOTES = (
    "Lorsque l'action est mise en œuvre dans le cadre d'un projet de transition professionnelle, le certificat de "
    "réalisation doit être transmis mensuellement.",
    "Dans le cadre des formations à distance prendre en compte la réalisation des activités pédagogiques et le temps "
    "estimé pour les réaliser.",
)


def certified_minutes(facts: PersonFacts) -> int:
    """Return the minutes that the certificate says: the centre's, and the company's when the agreement counts them."""
    shown = rounded(facts.hours, facts.settings["rounding"].value)
    return shown.realised + (shown.company if facts.settings["company_in_certificate"].is_yes else 0)


def certificate(facts: PersonFacts) -> Composed:
    of, person = facts.of, facts.person
    who = of.signatory
    minutes = certified_minutes(facts)
    dates = parts.between(facts.stretch.first, facts.stretch.last)
    signer = who.name if who else ""
    name = parts.full_name(person.first_name, person.last_name)
    blocks: list[Block] = [
        parts.p(
            f"Je soussigné(e) {signer}, représentant légal du dispensateur de l'action concourant au développement des "
            f"compétences {of.legal_name}"
        ),
        parts.p(f"atteste que : M./Mme {name}", "strong"),
    ]
    employer = facts.share.employer if facts.share else ""
    if employer or facts.settings["employer_line"].is_yes:
        blocks.append(parts.p(f"salarié(e) de l'entreprise {employer or ': sans objet'}"))
    blocks += [
        parts.p(f"a suivi l'action {of.title}"),
        parts.boxes(
            "Nature de l'action concourant au développement des compétences :",
            [(key == of.action.nature, text) for key, text in parts.NATURES.items()],
        ),
        parts.p(f"qui s'est déroulée {dates} pour une durée de {parts.hours(minutes)} heures.", "strong"),
        parts.p(KEEPING),
        parts.signature(
            of, "Cachet et signature du responsable du dispensateur de formation (nom, prénom, qualité du signataire)"
        ),
        parts.notes(NOTES),
    ]
    if facts.share and facts.share.funding.is_funded_by_union and facts.settings["union_emblem"].is_yes:
        blocks.append(parts.UNION)
    if facts.settings["annex"].is_yes:
        blocks += [parts.BREAK, *annex(facts)]
    return Composed(
        heading="CERTIFICAT DE RÉALISATION",
        blocks=blocks,
        check=[
            ["Personne", name],
            ["Action", of.title],
            ["Période", dates],
            ["Durée réalisée", f"{parts.hours(minutes)} heures"],
        ],
        figures={"minutes": minutes, **figures(facts.hours)},
    )


def figures(hours: Hours) -> dict[str, int]:
    """Return the minutes under a paper, as they were counted."""
    return {name: getattr(hours, name) for name in vars(hours)}


def annex(facts: PersonFacts) -> list[Block]:
    """Return what the model has no field for: the file, who pays, and how the hours were counted."""
    of, share = facts.of, facts.share
    shown = rounded(facts.hours, facts.settings["rounding"].value)
    due, done, justified, unjustified = (
        parts.number(one) for one in printed_column(shown.due, shown.realised, (shown.justified, shown.unjustified))
    )
    counts_company = facts.settings["company_in_certificate"].is_yes
    rows = [
        ("Heures prévues échues, en centre", due),
        ("Heures réalisées en centre", done),
        ("Absences justifiées", justified),
        ("Absences injustifiées, retards et départs avant la fin", unjustified),
    ]
    if facts.hours.company_planned or facts.hours.company:
        rows += [
            ("Heures prévues en entreprise", parts.hours(shown.company_planned)),
            ("Heures réalisées en entreprise", parts.hours(shown.company)),
        ]
    formula = facts.settings["attendance_formula"].value
    rates = [
        f"Taux d'assiduité : {parts.percent(attendance_rate(facts.hours, formula))}. Formule : {FORMULAS[formula]}.",
        f"Taux de réalisation : {parts.percent(realisation_rate(facts.hours))}, centre et entreprise.",
        f"Taux de réalisation pour Mon Compte Formation : {cpf_rate(facts.hours)} %.",
    ]
    return [
        parts.h("Annexe au certificat de réalisation"),
        *parts.issuer(of),
        parts.facts(
            [
                ("Financeur", share.funding.funder.name if share else ""),
                ("Convention", share.funding.agreement if share else ""),
                ("Dispositif", share.funding.scheme if share else ""),
                ("Numéro de dossier", share.file_number if share else ""),
                ("Certification préparée", of.certification),
            ]
        ),
        parts.table("Comment la durée est comptée", ["Heures", "Nombre"], rows, 1),
        parts.p(
            "Les heures en entreprise sont comprises dans la durée du certificat."
            if counts_company
            else "Les heures en entreprise ne sont pas comprises dans la durée du certificat."
        )
        if facts.hours.company_planned or facts.hours.company
        else parts.p("Cette action n'a pas de période en entreprise sur ces dates."),
        parts.bullets(rates if facts.hours.due else []),
        parts.bullets(
            [f"Feuille d'émargement {one.number}, empreinte {one.hash[:16]}…" for one in of.sheets]
            or ["Aucune feuille d'émargement n'est encore scellée pour cette période."]
        ),
    ]
