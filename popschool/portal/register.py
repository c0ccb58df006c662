"""The register of processing (RGPD, article 30): which data, why, on what ground, for how long, who reads it."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class Entry:
    """One kind of data."""

    what: Any
    why: Any
    ground: Any
    kept: Any
    readers: Any


CONTRACT, DUTY, INTEREST = _l("votre formation"), _l("une obligation légale"), _l("la sécurité du site")
TEAM = _l("votre équipe de formation, la direction de l'école")
ENTRIES = (
    Entry(
        _l("Nom, mail, téléphone, numéro, langue"), _l("vous reconnaître et vous écrire"), CONTRACT,
        _l("3 ans après la sortie ; le nom, aussi longtemps que les preuves"), TEAM,
    ),
    Entry(
        _l("Présence, signatures, feuilles, certificats"), _l("prouver la formation à qui la paie"), DUTY,
        _l("au moins 3 ans après l'année du dernier paiement ; plus si le financeur le demande"),
        _l("la direction, le contrôle, le financeur pour ce qu'il paie"),
    ),
    Entry(
        _l("Travaux, retours, compétences, relectures"), _l("vous suivre et vous évaluer"), CONTRACT,
        _l("3 ans après la sortie"), TEAM,
    ),
    Entry(
        _l("Aménagements, sans jamais la raison"), _l("adapter le temps et les formats"), CONTRACT,
        _l("1 an après la sortie"), TEAM,
    ),
    Entry(
        _l("Notes de la personne à contacter pour le handicap, sous clé"), _l("préparer vos aménagements"), CONTRACT,
        _l("jusqu'à ce qu'elle les efface, au plus 1 an après la sortie"),
        _l("elle seule ; vous, si vous demandez la copie de vos données"),
    ),
    Entry(
        _l("Motifs et justificatifs d'absence"), _l("décider si une absence est justifiée"), DUTY,
        _l("le fichier : jusqu'à la décision ; les mots : 1 an après la sortie"), TEAM,
    ),
    Entry(
        _l("Réponses à l'Union européenne, dont handicap, origine, logement et aides"),
        _l("prouver l'usage de l'argent européen"), DUTY,
        _l("5 ans après l'année du dernier paiement"),
        _l("la direction ; pour ce qui est sous clé, la personne référente handicap seule"),
    ),
    Entry(
        _l("Ce que vous faites après la formation"), _l("savoir si la formation est utile"), INTEREST,
        _l("avec votre nom pendant un an ; ensuite, des totaux sans nom"), _l("la direction"),
    ),
    Entry(
        _l("Appareils, connexions, ouvertures de dossiers"), _l("protéger les comptes"), INTEREST, _l("un an"),
        _l("vous, la direction"),
    ),
    Entry(
        _l("Journal des actes"), _l("dire qui a fait quoi"), DUTY, _l("aussi longtemps que les preuves"),
        _l("la direction, le contrôle, et vous pour ce qui parle de vous"),
    ),
)  # fmt: skip
