"""The words of retention: each kind of data, how long it is kept, what people ask of their own."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from popschool.auth.models_decisions import Proposal
from popschool.auth.said import SAID, Said
from popschool.portal import services_requests
from popschool.portal.rules_retention import Kept, StillHere
from popschool.portal.services_retention import ERASURE
from popschool.web import languages
from popschool.web.wording import say

KINDS = {
    Kept.NEEDS: _l("Aménagements, notes sous clé, mots sur les absences, demandes d'aide, justificatifs"),
    Kept.ACCOUNT: _l("Mail, téléphone, accès au compte, appareils, messages reçus"),
    Kept.WORK: _l("Travaux, fichiers, retours et relectures"),
    Kept.EVIDENCE: _l("Présence, entretiens, réclamations : noms, raisons et signatures en toutes lettres"),
    Kept.NAME: _l("Le nom"),
}
LASTS = {
    Kept.NEEDS: _l("1 an après la sortie"),
    Kept.ACCOUNT: _l(
        "3 ans après la sortie ou le dernier rôle, ou 1 an après la dernière connexion ; "
        "1 an pour qui n'est jamais venu"
    ),
    Kept.WORK: _l("3 ans après la sortie"),
    Kept.EVIDENCE: _l("3 ans au moins après l'année du paiement, plus si le financeur le demande"),
    Kept.NAME: _l("aussi longtemps que les preuves"),
}
COUNTED = {
    **{str(kept): words for kept, words in KINDS.items()},
    "documents": _l("Papiers officiels"),
    "outside_contacts": _l("Adresses des entreprises et des financeurs interrogés"),
    "locked_answers": _l("Réponses sous clé"),
    "questionnaires": _l("Réponses sur l'après-formation"),
    "sheets": _l("Feuilles d'émargement"),
    "unused_roles": _l("Rôles donnés depuis un an et jamais utilisés"),
}


def _correction(proposal: Proposal) -> Said:
    return Said(
        _("Correction demandée par %(name)s", name=proposal.person.name),
        _("Corrigez d'abord, sur la page concernée. Ce qui était écrit avant reste lisible. Confirmer dit à la "
          "personne que c'est fait."),
        f"/people/{proposal.person_id}",
    )  # fmt: skip


def _erasure(proposal: Proposal) -> Said:
    return Said(
        _("Effacer les données %(whose)s", whose=languages.of_person(proposal.person.name)),
        _("Le compte se ferme tout de suite. Cette nuit, le mail, le téléphone, les messages et les aménagements "
          "s'effacent. Les preuves de la formation restent jusqu'à leur terme légal, puis le nom s'efface aussi."),
        f"/people/{proposal.person_id}",
    )  # fmt: skip


SAID[services_requests.CORRECTION] = _correction
SAID[ERASURE] = _erasure
say(services_requests.WordsMissing, lambda fact: _("Écrivez ce qui est faux, et ce qu'il faut écrire à la place."))
say(
    StillHere,
    lambda fact: _("Vous avez une place dans une promo, ou un rôle. Demandez d'abord à votre école d'y mettre fin."),
)
