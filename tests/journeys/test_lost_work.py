"""Nothing that somebody typed is lost, and nothing is sent twice, whatever happens to the page in the meantime."""

from datetime import timedelta

import pytest
from PIL import Image

from popschool.db import db
from popschool.grading.models import Feedback, FeedbackDraft
from popschool.messages.models import Notice
from popschool.projects.models import Draft, Submission
from tests.conftest import NOW
from tests.journeys import lap, scenes
from tests.journeys.installation import code_in

HANDLE = "Adresse mail, téléphone ou numéro"
PHONE = {"phone": True, "scripts": False}
TEXT = "Ma page dit les horaires.\nJ'ai testé sur mon téléphone."
COMMENT = "Le tableau est clair. Essayez de dire les jours fermés."


@pytest.fixture
def scene(town):
    return scenes.a_school_at_work(town, asks=("text",))


def begin(learner, scene, text: str = TEXT) -> None:
    """Come in, and write at the first step."""
    scenes.sign_in(learner, scene.learner)
    learner.open(f"/deliverables/{scene.deliverable}/submit")
    learner.write("Votre texte", text)


def come_back_with_a_code(hands, town, person) -> None:
    """Sign in on the page that says that the session is over."""
    hands.write(HANDLE, person.mail)
    hands.press("Recevoir mon code")
    hands.write("Code à 6 chiffres", code_in(town.mail_to(person.mail, "Votre code")))
    hands.press("Me connecter")


def come_back_with_a_password(hands, person) -> None:
    hands.press("Entrer avec un mot de passe")
    hands.write(HANDLE, person.mail)
    hands.write("Mot de passe", lap.PASSWORD)
    hands.press("Me connecter")


def sent(town, scene) -> list[Submission]:
    with town.records():
        return db.session.query(Submission).filter_by(deliverable_id=scene.deliverable).all()


def receipts(town, scene) -> int:
    with town.records():
        return db.session.query(Notice).filter_by(person_id=scene.learner.id, kind="receipt").count()


def plain(text: str) -> str:
    return text.replace("\r", "")


def test_text_typed_when_a_session_ends_elsewhere_comes_back_after_signing_in(town, arrive, scene, tmp_path):
    # given a text and a photo, ready to be sent
    photo = tmp_path / "page.png"
    Image.new("RGB", (20, 20)).save(photo)
    with town.records():
        db.session.get(scenes.factories.Deliverable, scene.deliverable).asks = ["text", "files"]
    learner, elsewhere = arrive(town, **PHONE), arrive(town)
    begin(learner, scene)
    learner.attach("Vos fichiers", photo)

    # when the session is ended from another device
    scenes.sign_in(elsewhere, scene.learner)
    elsewhere.open("/account")
    elsewhere.press("Me déconnecter partout")
    learner.press("Continuer")

    # then it is said, and everything but the photo is there after signing in
    learner.sees("La page est restée ouverte longtemps. Connectez-vous de nouveau.", "Votre texte est gardé.")
    learner.sees("page.png")
    come_back_with_a_password(learner, scene.learner)
    learner.is_at("Votre texte est gardé")
    learner.sees("Ma page dit les horaires.", "Choisissez de nouveau vos fichiers après : page.png.")
    learner.press("Envoyer de nouveau")
    learner.sees("Ajoutez des fichiers.")
    assert plain(learner.value("Votre texte")) == TEXT
    learner.attach("Vos fichiers", photo)
    learner.press("Continuer")
    learner.press("Envoyer mon travail")
    learner.is_at("Votre travail est reçu")
    [submission] = sent(town, scene)
    assert plain(submission.text) == TEXT


def test_a_cookie_lost_before_sending_costs_one_more_press(town, arrive, scene):
    learner = arrive(town, **PHONE)
    begin(learner, scene)
    learner.press("Continuer")
    learner.forget()

    learner.press("Envoyer mon travail")
    come_back_with_a_code(learner, town, scene.learner)
    learner.press("Envoyer de nouveau")

    learner.is_at("Votre travail est reçu")
    assert [plain(one.text) for one in sent(town, scene)] == [TEXT]


def test_somebody_else_who_signs_in_there_does_not_see_the_text(town, arrive, scene):
    learner = arrive(town, **PHONE)
    begin(learner, scene)
    with town.records():
        account = db.session.get(scenes.Account, scene.learner.id)
        account.session_token = "ended"

    learner.press("Continuer")
    come_back_with_a_password(learner, scene.other_trainer)

    learner.is_at("Ce texte est à quelqu'un d'autre")
    learner.does_not_see("Ma page dit les horaires.")


def test_going_back_finds_the_text_and_sends_once(town, arrive, scene):
    learner = arrive(town, **PHONE)
    begin(learner, scene)
    learner.press("Continuer")
    learner.back()
    assert plain(learner.value("Votre texte")) == TEXT
    learner.open(f"/deliverables/{scene.deliverable}/submit")
    assert plain(learner.value("Votre texte")) == TEXT
    learner.press("Continuer")

    learner.press_twice("Envoyer mon travail")
    learner.is_at("Votre travail est reçu")
    learner.back()
    if learner.button("Envoyer mon travail").count():
        learner.press("Envoyer mon travail")

    assert [one.version for one in sent(town, scene)] == [1]
    assert receipts(town, scene) == 1


def test_the_same_form_sent_from_two_windows_is_one_submission(town, arrive, scene):
    learner = arrive(town, **PHONE)
    begin(learner, scene)
    learner.press("Continuer")
    other = learner.another_window()
    other.open(f"/deliverables/{scene.deliverable}/check")

    learner.press("Envoyer mon travail")
    other.press("Envoyer mon travail")

    other.is_at("Votre travail est reçu")
    assert other.path.partition("#")[0] == learner.path.partition("#")[0]
    assert [one.version for one in sent(town, scene)] == [1]
    assert receipts(town, scene) == 1


def test_text_never_sent_comes_back_on_the_same_phone(town, arrive, scene):
    learner = arrive(town, phone=True)
    begin(learner, scene)

    learner.open("/projects")
    learner.open(f"/deliverables/{scene.deliverable}/submit")

    learner.sees("Votre texte est revenu. Il n'est pas encore envoyé.")
    assert plain(learner.value("Votre texte")) == TEXT


def test_without_network_the_text_stays_and_is_sent_later(town, arrive, scene):
    learner = arrive(town, phone=True)
    begin(learner, scene)
    with town.cut_off(learner.page):
        learner.touch(learner.button("Continuer"))
        learner.sees("Pas de réseau. Ce que vous avez écrit est gardé sur ce téléphone.")

    learner.press("Continuer")

    learner.sees("Étape 2 sur 3", "Ma page dit les horaires.")


def test_text_sent_where_nothing_arrives_is_still_on_the_phone(town, arrive, scene):
    """The phone has a network, and the school is out of reach: the browser shows its own page instead."""
    learner = arrive(town, phone=True)
    begin(learner, scene)
    with town.network.cut():
        learner.touch(learner.button("Continuer"))
        learner.page.wait_for_url("chrome-error://**")
    learner.open("/projects")
    learner.open(f"/deliverables/{scene.deliverable}/submit")

    learner.sees("Votre texte est revenu. Il n'est pas encore envoyé.")
    assert plain(learner.value("Votre texte")) == TEXT
    learner.press("Continuer")
    learner.sees("Étape 2 sur 3", "Ma page dit les horaires.")
    assert learner.page.evaluate("Object.keys(localStorage)") == []


def write_an_answer(trainer, comment: str = COMMENT, decision: str = "À reprendre") -> None:
    trainer.choose("Oui", of="La page marche sur téléphone.")
    trainer.choose("En partie", of="Les plats viennent de la liste.")
    trainer.write("Mon commentaire", comment)
    trainer.choose(decision, of="Décision")


def answers(town, submission: int) -> list[Feedback]:
    with town.records():
        return db.session.query(Feedback).filter_by(submission_id=submission).order_by(Feedback.number).all()


def test_an_answer_typed_when_the_session_ends_is_kept(town, arrive, scene):
    submission = scenes.work_to_answer(town, scene)
    trainer = arrive(town)
    scenes.sign_in(trainer, scene.trainer)
    trainer.follow("Relire ce rendu")
    write_an_answer(trainer)
    trainer.forget()

    trainer.press("Envoyer mon retour")
    trainer.sees("Votre texte est gardé.")
    come_back_with_a_code(trainer, town, scene.trainer)
    trainer.sees(COMMENT)
    trainer.press("Envoyer de nouveau")

    trainer.sees("Retour envoyé à", "à reprendre")
    assert [(one.comment, one.decision) for one in answers(town, submission)] == [(COMMENT, "to_complete")]


@pytest.mark.parametrize("decision", ["À reprendre", "Validé"], ids=["whole", "without-its-levels"])
def test_two_trainers_on_one_work_see_each_other_and_lose_nothing(town, arrive, scene, decision):
    # given two trainers who have the same work open
    submission = scenes.work_to_answer(town, scene)
    first, second = arrive(town), arrive(town)
    for hands, person in ((first, scene.trainer), (second, scene.other_trainer)):
        scenes.sign_in(hands, person)
        hands.open(f"/submissions/{submission}/answer")
    second.sees(f"{scene.trainer.name} a ouvert ce rendu à 10 h")
    write_an_answer(first)
    write_an_answer(second, "Je vois la même chose, autrement dit.", decision)

    # when both send
    first.press("Envoyer mon retour")
    second.press("Envoyer mon retour")

    # then the second reads the first, and keeps what was typed, even after leaving
    second.sees(f"{scene.trainer.name} a répondu à ce rendu à 10 h", "Votre texte est gardé.", COMMENT)
    assert second.value("Mon commentaire") == "Je vois la même chose, autrement dit."
    second.open("/queue")
    second.open(f"/submissions/{submission}/answer")
    assert second.value("Mon commentaire") == "Je vois la même chose, autrement dit."
    assert [(one.number, one.comment) for one in answers(town, submission)] == [(1, COMMENT)]


def test_an_answer_is_taken_back_within_ten_minutes(town, arrive, scene):
    submission = scenes.work_to_answer(town, scene)
    trainer, learner = arrive(town), arrive(town, **PHONE)
    scenes.sign_in(trainer, scene.trainer)
    trainer.open(f"/submissions/{submission}/answer")
    write_an_answer(trainer)
    trainer.press_twice("Envoyer mon retour")
    trainer.sees("Vous pouvez l'annuler jusqu'à 10 h")

    trainer.press("Annuler l'envoi")

    trainer.sees("Votre retour est annulé. Il est de nouveau un brouillon.")
    assert trainer.value("Mon commentaire") == COMMENT
    scenes.sign_in(learner, scene.learner)
    learner.does_not_see("Le tableau est clair.")
    learner.open("/messages")
    learner.does_not_see("Le tableau est clair.")
    [feedback] = answers(town, submission)
    assert feedback.undone_at is not None
    with town.records():
        assert db.session.query(FeedbackDraft).filter_by(submission_id=submission).one().comment == COMMENT


def test_an_answer_stays_after_ten_minutes(town, arrive, scene):
    submission = scenes.work_to_answer(town, scene)
    trainer = arrive(town)
    scenes.sign_in(trainer, scene.trainer)
    trainer.open(f"/submissions/{submission}/answer")
    write_an_answer(trainer)
    trainer.press("Envoyer mon retour")
    with town.records():
        db.session.query(Feedback).filter_by(submission_id=submission).one().sent_at = NOW - timedelta(minutes=11)

    trainer.press("Annuler l'envoi")

    trainer.sees("Le temps pour annuler est fini : c'était jusqu'à 10 h 04.")
    assert [one.undone_at for one in answers(town, submission)] == [None]


def test_the_next_work_is_one_key_away(town, arrive, scene):
    oldest = scenes.work_to_answer(town, scene)
    trainer = arrive(town, keyboard=True)
    with town.records():
        cohort = db.session.get(scenes.Cohort, scene.cohort)
        other = scenes.factories.make_learner(cohort)
        deliverable = db.session.get(scenes.factories.Deliverable, scene.deliverable)
        newer = scenes.factories.make_submission(deliverable, [other], submitted_at=NOW - timedelta(hours=1)).id
    scenes.sign_in(trainer, scene.trainer)

    trainer.type("n")
    assert trainer.path == f"/submissions/{oldest}/answer"
    trainer.type("n")
    assert trainer.path == f"/submissions/{newer}/answer"
    trainer.type("r", leaves=False)
    trainer.sees("Mon retour")
    assert trainer.path.endswith("#retour")
    with town.records():
        assert db.session.query(Draft).filter_by(deliverable_id=scene.deliverable).count() == 0
