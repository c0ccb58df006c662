"""The columns of what is declared to a funder, by hand or as a file: those of the house, which the network arranges."""

from popschool.reports.rules_declared import Step
from popschool.rules_tables import Column, Kind

_PARTICIPANTS = (
    "identifiant", "nom", "prénom", "date_naissance", "sexe", "commune", "code_postal", "téléphone", "email",
    "référent", "opération", "date_entrée", "date_recueil_entrée", "situation_entrée", "durée_sans_emploi",
    "niveau_diplôme", "handicap", "nationalité_hors_UE", "origine_étrangère", "sans_domicile_stable",
    "foyer_monoparental", "zone_rurale", "ressources", "date_sortie", "date_saisie_sortie", "délai_saisie_jours",
    "motif_sortie", "situation_sortie", "type_contrat", "qualification_obtenue", "situation_6_mois",
    "date_relevé_6_mois", "complétude_pct",
)  # fmt: skip
_NUMBERS = frozenset({"délai_saisie_jours", "complétude_pct"})
PARTICIPANTS = tuple(
    Column(one, one, Kind.DAY if one.startswith("date_") else Kind.WHOLE if one in _NUMBERS else Kind.TEXT)
    for one in _PARTICIPANTS
)
CPF = (
    Column("name", "Nom"), Column("first_name", "Prénom"), Column("number", "Dossier"),
    Column("first", "Entrée", Kind.DAY), Column("last", "Sortie", Kind.DAY),
    Column("done", "Heures réalisées", Kind.HUNDREDTHS), Column("whole", "Durée totale", Kind.HUNDREDTHS),
    Column("percent", "Taux de réalisation (%)", Kind.WHOLE), Column("state", "Service fait"),
    Column("reason", "Motif"),
    Column("ready", "À déclarer"),
)  # fmt: skip
TYPED = {
    Step.ENROLLED: "AIS saisie", Step.ENTERED: "AES saisie", Step.PRESENCE: "Présence du mois saisie",
    Step.LEFT: "Sortie avant la fin saisie", Step.ENDED: "Fin et bilan saisis",
}  # fmt: skip
KAIROS = (
    Column("session", "Session Carif-Oref"), Column("number", "Identifiant"), Column("name", "Nom"),
    Column("first_name", "Prénom"), Column("first", "Date d'entrée réelle", Kind.DAY),
    Column("left", "Sortie", Kind.DAY), Column("reason", "Motif"),
    Column("followed", "Heures suivies", Kind.HUNDREDTHS), Column("absent", "Heures d'absence", Kind.HUNDREDTHS),
    *(Column(step.value, f"{TYPED[step]} le", Kind.DAY) for step in Step),
)  # fmt: skip
GEN = (
    Column("figure", "Ligne"), Column("count", "Nombre", Kind.WHOLE), Column("known", "Connu pour", Kind.WHOLE),
    Column("whole", "Sur", Kind.WHOLE),
)  # fmt: skip
