"""A whole round of peer review: six learners, one late, one who vanishes; on phones, without scripts."""

from dataclasses import dataclass
from datetime import timedelta

from popschool.db import db
from popschool.review import tasks
from popschool.review.models import Review, Reviewer, Round
from tests import factories
from tests.conftest import NOW
from tests.journeys import lap
from tests.journeys.hands import Hands
from tests.journeys.installation import Installation
from tests.journeys.lap import GOOD, IDEA
from tests.journeys.scenes import Known, known, sign_in

TITLE = "Le menu du jour"


@dataclass(frozen=True)
class Scene:
    """A cohort whose work was due: five have sent it, the sixth is late."""

    cohort: int
    assignment: int
    deliverable: int
    trainer: Known
    learners: list[Known]


def a_cohort_that_has_sent(where: Installation) -> Scene:
    with where.records():
        now = NOW
        cohort = factories.make_cohort()
        assignment = factories.make_assignment(
            cohort, due_at=now - timedelta(hours=1), closes_at=now + timedelta(days=9)
        )
        people = [factories.make_learner(cohort) for _ in range(6)]
        deliverable = assignment.deliverables[0]
        for person in people[:5]:
            text = f"Le café change son menu.\nVoici ma page, numéro {person.id}."
            factories.make_submission(deliverable, [person], text=text)
        trainer = known(factories.make_trainer(cohort))
        return Scene(cohort.id, assignment.id, deliverable.id, trainer, [known(person) for person in people])


def test_a_whole_round_with_one_late_and_one_who_vanishes(town, arrive):
    # given a cohort that has sent its work, but for one
    scene = a_cohort_that_has_sent(town)
    trainer = arrive(town, "formatrice")
    learners = [arrive(town, f"apprenante{n}", phone=True, scripts=False) for n in range(6)]
    sign_in(trainer, scene.trainer)
    for hands, person in zip(learners, scene.learners, strict=True):
        sign_in(hands, person)
    *present, vanished, late = learners

    # when the trainer opens a round
    open_the_round(trainer, scene)
    present[0].open("/reviews")
    present[0].sees("Il vous reste 2 travaux à relire.")

    # and one sends late, one opens a work and vanishes
    send_late(late, scene)
    vanished.open("/reviews")
    vanished.press("Lire le travail suivant")
    for hands in (*present, late):
        review_everything(hands)
    time_goes_by(town, scene)
    for hands in (*present, late):
        review_everything(hands)

    # then every work has its reviews, but for what the vanished one owed
    trainer.open(f"/cohorts/{scene.cohort}/rounds")
    trainer.follow(TITLE)
    trainer.sees("complet")
    trainer.does_not_see("il en manque")
    trainer.press("Finir les relectures")
    trainer.press("Rendre les relectures")
    trainer.sees("Les relectures sont rendues")
    for hands in (vanished, late):
        read_and_answer(hands)
    assert "Vos relectures sont arrivées" in town.mail_to(scene.learners[4].mail, "Vos relectures sont arrivées")
    report_and_appeal(present[0])
    answer_the_requests(trainer)


def open_the_round(trainer: Hands, scene: Scene) -> None:
    """One page, with what is usual already chosen; nothing is said of a round before."""
    trainer.open(f"/cohorts/{scene.cohort}/assignments")
    trainer.follow("Faire relire")
    trainer.sees("C'est possible", "La promo compte 6 personnes. 5 ont envoyé.")
    trainer.choose("2", of="Relectures par travail")
    trainer.press("Ouvrir la relecture")
    trainer.sees("La relecture est ouverte", "Relectures en cours")


def send_late(hands: Hands, scene: Scene) -> None:
    hands.open(f"/deliverables/{scene.deliverable}/submit")
    hands.write("Votre texte", "Ma page arrive tard.\nElle est complète.")
    hands.press("Continuer")
    hands.press("Envoyer mon travail")
    hands.open("/reviews")
    hands.sees("Il vous reste 2 travaux à relire.")


def review_everything(hands: Hands) -> None:
    """Review until nothing is left, one work at a time, one criterion a page."""
    hands.open("/reviews")
    if not hands.button("Lire le travail suivant").count():
        return
    hands.press("Lire le travail suivant")
    while True:
        hands.sees("Cette personne ne voit pas votre nom.")
        hands.follow("Commencer ma relecture")
        hands.press("Continuer")
        hands.sees("Choisissez une réponse pour", "Dites une chose qui marche.")
        lap.say_of_each_criterion(hands, 2)
        hands.is_at("Vérifiez votre relecture")
        hands.press("Envoyer ma relecture")
        hands.is_at("Merci, c'est bien parti")
        if not hands.button("Lire le travail suivant").count():
            return
        hands.press("Lire le travail suivant")


def time_goes_by(where: Installation, scene: Scene) -> None:
    """Move the whole round back until its last quarter, and let the job look at it."""
    with where.records():
        found = db.session.query(Round).filter_by(cohort_id=scene.cohort).one()
        back = (found.ends_at - found.starts_at) * 0.9
        found.starts_at, found.ends_at = found.starts_at - back, found.ends_at - back
        for review in db.session.query(Review).filter_by(round_id=found.id, state="revealed"):
            review.revealed_at -= back
        db.session.commit()
        tasks.run_round(found, NOW + timedelta(minutes=30))  # a reminder first, then the others share what is left
        tasks.run_round(found, NOW + timedelta(minutes=40))
        assert db.session.query(Reviewer).filter_by(round_id=found.id).count() == 6


def read_and_answer(hands: Hands) -> None:
    """The number comes after the answers."""
    hands.open("/reviews")
    hands.follow(TITLE)
    hands.sees(GOOD, IDEA, "Le texte, ligne 1", "Lisez, puis répondez")
    hands.does_not_see("sur 100")
    while hands.page.get_by_role("link", name="Répondre à la première").count():
        hands.follow("Répondre à la première")
        hands.choose("Oui")
        hands.write("Ce que je vais changer", "Je raccourcis ma première phrase.")
        hands.press("Garder ma réponse")
    hands.sees("sur 100", "Ce chiffre n'est pas une note.", "Améliorez votre travail")


def report_and_appeal(hands: Hands) -> None:
    hands.open("/reviews")
    hands.follow(TITLE)
    hands.follow_first("Signaler")
    hands.write("En une phrase", "Ce texte ne parle pas de mon travail.")
    hands.press("Signaler cette relecture")
    hands.sees("Ce texte est caché.")
    hands.follow("Je ne suis pas d'accord : demander l'avis de l'équipe")
    hands.write("En une phrase", "Regardez ma page sur un téléphone.")
    hands.press("Demander un avis")
    hands.sees("Votre équipe de formation va lire votre travail.")


def answer_the_requests(trainer: Hands) -> None:
    """The trainer reads both sides, gives the review back, and reads the work."""
    trainer.page.reload()
    trainer.sees("On vous demande de regarder", "demande votre avis")
    trainer.follow_first("est signalée")
    trainer.sees("Ce texte ne parle pas de mon travail.", GOOD)
    trainer.choose("Est mise de côté")
    trainer.write("Votre réponse", "Cette relecture parle d'autre chose.")
    trainer.press("Envoyer ma réponse")
    trainer.sees("Votre réponse est partie.", "mise de côté")
