"""The words of what attendance does in two: a late signature, a late sheet of paper, an amendment."""

from datetime import date

from flask_babel import gettext as _

from popschool.attendance import services_late
from popschool.attendance.words import half_day_name
from popschool.auth.models_decisions import Proposal
from popschool.auth.said import SAID, Said
from popschool.web import languages


def _half_day(proposal: Proposal) -> str:
    return half_day_name(date.fromisoformat(proposal.facts["on"]), proposal.facts["half"])


def _late(proposal: Proposal) -> Said:
    name = proposal.person.name
    return Said(
        _("Signature en retard : %(name)s, %(half_day)s", name=name, half_day=_half_day(proposal)),
        _("La signature compte. La feuille dit qu'elle est tardive, et qui l'a confirmée."),
        f"/half-days/{proposal.subject_id}",
    )


def _paper(proposal: Proposal) -> Said:
    names = ", ".join(person.name for person in services_late.people_of(proposal))
    return Said(
        _("Feuille de papier en retard, %(half_day)s", half_day=_half_day(proposal)),
        _("Ces signatures comptent : %(names)s. La feuille dit qu'elles sont tardives, et qui les a confirmées.",
          names=names),
        f"/half-days/{proposal.subject_id}/paper/{proposal.facts['scan']}",
    )  # fmt: skip


def _amendment(proposal: Proposal) -> Said:
    monday = date.fromisoformat(proposal.facts["monday"])
    return Said(
        _("Avenant à la semaine du %(day)s, promo %(code)s", day=languages.day(monday), code=proposal.facts["code"]),
        _("Une nouvelle feuille est scellée, avec les corrections. Celle d'avant reste comme elle était."),
        f"/cohorts/{proposal.cohort_id}/weeks/{monday.isoformat()}/amend",
    )


SAID[services_late.LATE] = _late
SAID[services_late.PAPER] = _paper
SAID[services_late.AMENDMENT] = _amendment
