"""The blueprint, its words, and what several pages share."""

from datetime import datetime

from flask import Blueprint, session, url_for
from flask_babel import gettext as _

from popschool.grading import rules
from popschool.grading.models import Feedback
from popschool.web import languages, wording

bp = Blueprint("grading", __name__, template_folder="templates")

SENT = "feedback_sent"

wording.say(
    rules.AnsweredMeanwhile,
    lambda fact: _(
        "%(trainer)s a répondu à ce rendu à %(hour)s, pendant que vous écriviez. Votre texte est gardé. "
        "Lisez son retour. Puis laissez-le, ou envoyez le vôtre pour le corriger.",
        trainer=fact.trainer,
        hour=languages.hour(fact.sent_at),
    ),
)
wording.say(
    rules.TooLateToUndo,
    lambda fact: _(
        "Le temps pour annuler est fini : c'était jusqu'à %(hour)s. Ouvrez le rendu pour corriger votre retour.",
        hour=languages.hour(fact.until),
    ),
)
wording.say(
    rules.NewerVersionSent,
    lambda fact: _(
        "La version %(version)s est déjà arrivée : votre retour a été lu. Répondez à cette version.",
        version=fact.version,
    ),
)
wording.say(rules.AlreadyUndone, lambda fact: _("Ce retour ne compte déjà plus. Rien n'a changé."))
wording.say(
    rules.NotYourAnswer,
    lambda fact: _(
        "Ce retour est %(whose)s. Demandez-lui de l'annuler ou de le corriger.",
        whose=languages.of_person(fact.trainer),
    ),
)
wording.say(
    rules.SameLevel,
    lambda fact: _("Ce niveau est déjà le sien. Choisissez un autre niveau ou revenez à la page d'avant."),
)


def remember_sent(feedback: Feedback, who: str) -> None:
    """Keep in the session what the next page offers to undo."""
    session[SENT] = [feedback.id, who, feedback.decision, feedback.sent_at.isoformat()]


def just_sent(now: datetime) -> dict | None:
    """Return the answer that this person has just sent, as long as it can be undone."""
    kept = session.get(SENT)
    if not kept:
        return None
    feedback_id, who, decision, sent_at = kept
    until = datetime.fromisoformat(sent_at) + rules.UNDO
    if now >= until:
        session.pop(SENT)
        return None
    return {"url": url_for("grading.undo", feedback_id=feedback_id), "who": who, "decision": decision, "until": until}
