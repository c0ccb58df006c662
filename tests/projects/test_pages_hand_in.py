"""The pages of handing in: what is sent, the check, the receipt."""

import io
from contextvars import Context
from datetime import timedelta

import pytest
from sqlalchemy import select

from popschool import clock, git
from popschool.db import db
from popschool.projects.models import Deliverable, Draft, Submission, SubmissionFile
from popschool.projects.services_drafts import draft_of
from popschool.schools.models import Enrolment
from tests.conftest import NOW
from tests.factories import (
    make_assignment,
    make_cohort,
    make_deliverable,
    make_learner,
    make_manager,
    make_team,
    make_trainer,
    save,
)
from tests.shown import field, shown

PNG = b"\x89PNG\r\n\x1a\n"
DAY = timedelta(days=1)
ALL = ["text", "link", "files", "repository"]


@pytest.fixture
def cohort(app):
    return make_cohort()


@pytest.fixture
def deliverable(cohort):
    found = make_deliverable(make_assignment(cohort), asks=ALL, either=True, key="tout")
    save()
    return found


@pytest.fixture
def learner(cohort, deliverable, log_in):
    return log_in(make_learner(cohort))


def address(deliverable: Deliverable, step: str = "submit") -> str:
    return f"/deliverables/{deliverable.id}/{step}"


def send(client, deliverable, **data):
    return client.post(address(deliverable), data=data, content_type="multipart/form-data")


def test_a_learner_hands_in_by_three_steps(client, deliverable, learner):
    answer = send(client, deliverable, text="Voici.", files=(io.BytesIO(PNG + b"1"), "croquis.png"), note="Dur !")
    assert answer.location == address(deliverable, "check")

    check = client.get(address(deliverable, "check"))
    assert all(words in shown(check) for words in ("Étape 2 sur 3", "Voici.", "croquis.png, 9 o", "Dur !", "Changer"))

    answer = client.post(address(deliverable, "check"), data={"key": field(check, "key")})
    sent = db.session.scalars(select(Submission)).one()
    assert answer.location == f"/submissions/{sent.id}/receipt"

    receipt = shown(client.get(answer.location))
    assert "Étape 3 sur 3" in receipt and "Votre travail est reçu" in receipt
    assert sent.receipt in receipt and "Version 1" in receipt


def test_nothing_to_send_is_said_and_nothing_is_lost(client, deliverable, learner):
    answer = send(client, deliverable, note="Je suis bloquée.")

    text = shown(answer)
    assert answer.status_code == 200 and "Erreur" in answer.text.split("</title>")[0]
    assert "Ajoutez un texte, un lien, des fichiers ou un dépôt de code. Votre travail n'est pas encore envoyé." in text
    assert draft_of(deliverable.id, learner.id).note == "Je suis bloquée."


def test_what_lacks_is_named_when_everything_is_asked(client, cohort, log_in):
    deliverable = make_deliverable(make_assignment(cohort), asks=["text", "link"], key="deux")
    log_in(make_learner(cohort))

    text = shown(send(client, deliverable, text="Voici."))

    assert "Ajoutez un lien. Votre travail n'est pas encore envoyé." in text


def test_a_file_that_is_too_heavy_is_said_with_its_weight_and_the_text_is_kept(client, deliverable, learner):
    film = io.BytesIO(b"\x1aE\xdf\xa3" + bytes(24_000_000 - 4))

    answer = send(client, deliverable, text="Mon texte", files=(film, "film.webm"))

    assert (
        "Ce fichier est trop lourd : film.webm, 24 Mo. Le maximum est 10 Mo. "
        "Envoyez une photo plus petite ou collez un lien." in shown(answer)
    )
    assert "Mon texte</textarea>" in answer.text
    assert draft_of(deliverable.id, learner.id).text == "Mon texte"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("photo.png", b"<script>alert(1)</script>", "photo.png ne contient pas ce que son nom annonce."),
        ("jeu.exe", b"MZ" + bytes(99), "jeu.exe est un programme."),
        ("cv.docm", b"PK\x03\x04word/vbaProject.bin", "cv.docm contient un programme caché, une macro."),
        ("vide.txt", b"", "vide.txt est vide."),
        ("../../photo.png", b"<svg onload=alert(1)>", "photo.png ne contient pas"),
    ],
)
def test_a_hostile_file_is_refused_with_a_reason(client, deliverable, learner, name, content, words):
    answer = send(client, deliverable, text="Mon texte", files=(io.BytesIO(content), name))

    assert words in shown(answer)
    draft = draft_of(deliverable.id, learner.id)
    assert (draft.text, draft.files) == ("Mon texte", [])


def test_too_many_files_are_said_once(client, deliverable, learner):
    files = [(io.BytesIO(PNG + bytes([number])), f"{number}.png") for number in range(13)]

    answer = send(client, deliverable, files=files)

    text = shown(answer)
    assert "Il y a une chose à corriger" in text
    assert "Vous pouvez envoyer 10 fichiers au plus." in text
    assert "9.png, 9 o" in text


def test_a_file_received_is_named_and_can_be_taken_out(client, deliverable, learner):
    send(client, deliverable, keep="1", text="Voici.", files=(io.BytesIO(PNG), "croquis.png"))
    page = client.get(address(deliverable))
    assert "croquis.png" in shown(page) and "Voici.</textarea>" in page.text

    answer = send(client, deliverable, text="Voici.", remove=draft_of(deliverable.id, learner.id).files[0]["hash"])

    assert answer.location == address(deliverable) + "#fichiers"
    assert draft_of(deliverable.id, learner.id).files == []


def test_a_draft_is_kept_without_sending(client, deliverable, learner):
    answer = client.post(address(deliverable), data={"text": "À moitié", "keep": "1"}, follow_redirects=True)

    assert "Votre brouillon est gardé." in shown(answer)
    assert "Continuer mon envoi" in shown(answer)
    assert db.session.query(Submission).count() == 0


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("javascript:alert(1)", "Un lien commence par https://."),
        ("example.org/menu", "Un lien commence par https://."),
        ("https://", "Écrivez le lien en entier."),
        ("http://127.0.0.1:5000/", "Ce lien mène à une machine privée"),
        ("http://[::1]/", "Ce lien mène à une machine privée"),
        ("http://2130706433/", "Ce lien mène à une machine privée"),
        ("https://moi:secret@example.org/", "Ce lien contient un nom ou un mot de passe."),
    ],
)
def test_a_link_that_cannot_be_is_refused_beside_its_field(client, deliverable, learner, link, words):
    answer = send(client, deliverable, link=link)

    assert words in shown(answer)
    assert 'aria-describedby="link-h link-e"' in answer.text
    assert f'value="{link}"' in answer.text


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("text", "é" * 100_001, "Ce texte est trop long : 100001 caractères."),
        ("note", "n" * 5_001, "Ce texte est trop long : 5001 caractères."),
        ("link", "https://example.org/" + "a" * 2_000, "C'est trop long."),
    ],
)
def test_what_is_too_long_is_refused_and_given_back(client, deliverable, learner, name, value, words):
    given = {"text": "Voici."} | {name: value}

    answer = send(client, deliverable, **given)

    assert words in shown(answer)
    assert value in answer.text


def test_a_sign_that_no_database_keeps_does_no_harm(client, deliverable, learner):
    answer = send(client, deliverable, text="Un\x00deux", note="\x00", link="https://example.org/\x00")

    assert answer.status_code in (200, 302)
    assert "\x00" not in draft_of(deliverable.id, learner.id).text


@pytest.fixture
def forge(monkeypatch):
    """A forge whose answers are given in advance."""
    answers = []

    def find(remote):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(git, "find_commit", find)
    return answers


REPOSITORY = "https://example.org/moi/menu.git"


def test_a_repository_is_pinned_to_the_commit_that_was_checked(client, deliverable, learner, forge):
    forge.append("4f2a" + "0" * 36)
    send(client, deliverable, repository=REPOSITORY)

    check = client.get(address(deliverable, "check"))
    assert "au commit 4f2a000" in shown(check)
    client.post(address(deliverable, "check"), data={"key": field(check, "key")})

    assert db.session.scalars(select(Submission.repository_commit)).one() == "4f2a" + "0" * 36


def test_a_repository_that_moved_since_is_checked_again_before_it_is_sent(client, deliverable, learner, forge):
    forge += ["a" * 40, "b" * 40]
    send(client, deliverable, repository=REPOSITORY)
    first = client.get(address(deliverable, "check"))
    clock.freeze(NOW + timedelta(minutes=5))

    again = client.post(address(deliverable, "check"), data={"key": field(first, "key")})

    assert "Votre envoi a changé depuis cette page. Relisez-le ici, puis envoyez." in shown(again)
    assert "au commit bbbbbbb" in shown(again)
    assert db.session.query(Submission).count() == 0
    client.post(address(deliverable, "check"), data={"key": field(again, "key")})
    assert db.session.scalars(select(Submission.repository_commit)).one() == "b" * 40


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("unreachable", "Ce dépôt ne répond pas. Vérifiez son adresse, et qu'il est public."),
        ("refused", "Ce dépôt est privé."),
        ("unknown_branch", "Ce dépôt est vide."),
        ("slow", "Ce dépôt met trop de temps à répondre."),
        ("broken", "Ce dépôt ne répond pas."),
    ],
)
def test_a_repository_that_cannot_be_read_is_said_and_the_draft_is_kept(
    client, deliverable, learner, forge, reason, words
):
    forge.append(git.GitFailed(reason))

    answer = send(client, deliverable, text="Voici.", repository=REPOSITORY)

    assert words in shown(answer) and "Votre brouillon est gardé." in shown(answer)
    assert 'aria-describedby="repository-h repository-e"' in answer.text
    assert draft_of(deliverable.id, learner.id).repository == REPOSITORY


def test_a_forge_that_fails_at_the_last_step_keeps_the_draft_too(client, deliverable, learner, forge):
    forge += ["a" * 40, git.GitFailed("unreachable")]
    send(client, deliverable, repository=REPOSITORY)
    check = client.get(address(deliverable, "check"))
    clock.freeze(NOW + timedelta(minutes=5))

    answer = client.post(address(deliverable, "check"), data={"key": field(check, "key")})

    assert "Ce dépôt ne répond pas." in shown(answer)
    assert db.session.query(Submission).count() == 0
    assert draft_of(deliverable.id, learner.id).repository == REPOSITORY


def test_a_double_click_makes_one_version_and_shows_its_receipt_twice(client, deliverable, learner):
    send(client, deliverable, text="Voici.")
    key = field(client.get(address(deliverable, "check")), "key")

    answers = [client.post(address(deliverable, "check"), data={"key": key}) for _ in range(3)]

    assert len({answer.location for answer in answers}) == 1
    assert db.session.query(Submission).count() == 1


def test_another_page_that_changed_the_draft_is_noticed(client, deliverable, learner):
    send(client, deliverable, text="Un")
    key = field(client.get(address(deliverable, "check")), "key")
    send(client, deliverable, text="Deux")

    answer = client.post(address(deliverable, "check"), data={"key": key})

    assert "Votre envoi a changé depuis cette page." in shown(answer) and "Deux" in shown(answer)
    assert db.session.query(Submission).count() == 0
    assert field(answer, "key") != key


@pytest.mark.parametrize("data", [{}, {"key": ""}, {"key": "x" * 5000}, {"key": "autre"}])
def test_a_check_without_the_right_key_sends_nothing(client, deliverable, learner, data):
    send(client, deliverable, text="Voici.")

    answer = client.post(address(deliverable, "check"), data=data)

    assert answer.status_code == 200
    assert db.session.query(Submission).count() == 0


def test_without_a_draft_there_is_nothing_to_check(client, deliverable, learner):
    assert client.get(address(deliverable, "check")).location == address(deliverable)
    answer = client.post(address(deliverable, "check"), data={"key": "rien"})
    assert "Votre travail n'est pas encore envoyé." in shown(answer)


def test_late_is_said_before_and_after_and_not_refused(client, cohort, log_in):
    deliverable = make_assignment(cohort, due_at=NOW - DAY).deliverables[0]
    log_in(make_learner(cohort))
    late = "La date limite est passée : c'était dimanche 7 mars, 10 h 05."

    assert late in shown(client.get(address(deliverable)))
    send(client, deliverable, text="Voici.")
    check = client.get(address(deliverable, "check"))
    assert late in shown(check) and "Il sera noté « en retard »." in shown(check)
    receipt = client.post(address(deliverable, "check"), data={"key": field(check, "key")}, follow_redirects=True)
    assert "en retard" in shown(receipt)


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ({"due_at": NOW - 2 * DAY, "closes_at": NOW - DAY}, "Le temps pour envoyer est fini"),
        ({"opens_at": NOW + DAY}, "Ce projet ouvre mardi 9 mars"),
        ({"withdrawn_at": NOW - DAY}, "Ce projet a été retiré par votre équipe de formation."),
    ],
)
def test_what_is_not_open_is_refused_and_what_is_typed_is_kept(client, cohort, log_in, window, words):
    deliverable = make_assignment(cohort, **window).deliverables[0]
    learner = log_in(make_learner(cohort))

    answer = send(client, deliverable, text="Mon travail")

    assert answer.status_code == 200 and words in shown(answer)
    assert draft_of(deliverable.id, learner.id).text == "Mon travail"
    key = draft_of(deliverable.id, learner.id).key
    answer = client.post(address(deliverable, "check"), data={"key": key})
    assert words in shown(answer)
    assert db.session.query(Submission).count() == 0


def test_somebody_without_a_team_is_told_so_at_the_first_step(client, cohort, log_in):
    deliverable = make_assignment(cohort, work="pair", team_size=2).deliverables[0]
    learner = log_in(make_learner(cohort))

    answer = send(client, deliverable, text="Voici.")

    assert "Ce projet se fait à plusieurs. Rejoignez d'abord une équipe." in shown(answer)
    assert draft_of(deliverable.id, learner.id).text == "Voici."


def test_a_team_is_named_before_and_after_its_work_is_sent(client, cohort, log_in):
    assignment = make_assignment(cohort, work="pair", team_size=2)
    learner, mate = make_learner(cohort), make_learner(cohort)
    make_team(assignment, [learner, mate], name="Équipe 4")
    log_in(learner)
    send(client, assignment.deliverables[0], text="Voici.")

    check = client.get(address(assignment.deliverables[0], "check"))
    assert "Équipe 4" in shown(check) and mate.name in shown(check)
    assert "J'envoie ce travail au nom de mon équipe." in shown(check)
    receipt = client.post(
        address(assignment.deliverables[0], "check"), data={"key": field(check, "key")}, follow_redirects=True
    )
    assert mate.name in shown(receipt)


@pytest.mark.parametrize("step", ["submit", "check"])
@pytest.mark.parametrize(
    ("visitor", "status"), [("nobody", 302), ("stranger", 404), ("gone", 403), ("trainer", 403), ("manager", 403)]
)
def test_only_a_learner_of_the_cohort_hands_in(client, cohort, deliverable, log_in, step, visitor, status):
    if visitor == "stranger":
        log_in(make_learner())
    elif visitor == "gone":
        person = make_learner(cohort)
        db.session.query(Enrolment).filter_by(person_id=person.id).one().left_on = (NOW - DAY).date()
        log_in(person)
    elif visitor == "trainer":
        log_in(make_trainer(cohort))
    elif visitor == "manager":
        log_in(make_manager(cohort.school))

    assert client.get(address(deliverable, step)).status_code == status
    answer = client.post(address(deliverable, step), data={"text": "Voici.", "key": "clé"})
    assert answer.status_code == (401 if visitor == "nobody" else status)
    assert db.session.query(Draft).count() == 0


def test_what_was_typed_after_the_session_ended_is_given_back(client, deliverable, learner):
    with client.session_transaction() as session:
        session.clear()

    answer = client.post(address(deliverable), data={"text": "Une heure de travail"})

    assert answer.status_code == 401
    assert "Connectez-vous de nouveau. Votre texte est gardé." in shown(answer)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_steps_cost_few_queries(client, cohort, log_in, queries, language):
    assignment = make_assignment(cohort, work="pair", team_size=2)
    learner = make_learner(cohort)
    learner.language = language
    make_team(assignment, [learner, make_learner(cohort)])
    log_in(learner)
    deliverable = assignment.deliverables[0]
    send(client, deliverable, text="Voici.")

    for step in ("submit", "check"):
        with queries() as seen:
            Context().run(client.get, address(deliverable, step))
        assert len([one for one in seen if one.startswith("SELECT")]) <= 6


def test_only_the_note_is_said_to_be_optional(client, learner, cohort):
    asked = make_deliverable(make_assignment(cohort), asks=["text", "link"], key="poste")
    save()

    page = shown(client.get(address(asked)))

    assert page.count("(facultatif)") == 1 and "Un mot pour l'équipe (facultatif)" in page


def test_a_new_version_begins_with_what_the_last_one_held(client, deliverable, learner, queries):
    send(client, deliverable, text="Un.", link="https://example.org", files=(io.BytesIO(PNG), "a.png"), note="Dur !")
    client.post(address(deliverable, "check"), data={"key": draft_of(deliverable.id, learner.id).key})

    with queries() as seen:
        page = client.get(address(deliverable))
    assert len(seen) <= 6
    assert all(words in page.text for words in ("Voici votre version 1", "Un.", "https://example.org", "a.png"))
    assert "Dur !" not in page.text and draft_of(deliverable.id, learner.id) is None

    send(client, deliverable, basis=field(page, "basis"), text="Deux.", link="https://example.org")
    draft = draft_of(deliverable.id, learner.id)
    assert (draft.text, [file["name"] for file in draft.files]) == ("Deux.", ["a.png"])


def test_files_of_the_last_version_that_were_not_shown_are_not_sent_again(client, deliverable, learner):
    send(client, deliverable, text="Un.", files=(io.BytesIO(PNG), "a.png"))
    client.post(address(deliverable, "check"), data={"key": draft_of(deliverable.id, learner.id).key})

    send(client, deliverable, text="Deux.")

    assert draft_of(deliverable.id, learner.id).files == []


def test_a_file_of_the_last_version_can_be_left_out(client, deliverable, learner):
    send(client, deliverable, text="Un.", files=(io.BytesIO(PNG), "a.png"))
    client.post(address(deliverable, "check"), data={"key": draft_of(deliverable.id, learner.id).key})
    page = client.get(address(deliverable))
    [kept] = db.session.scalars(select(SubmissionFile.hash))

    send(client, deliverable, basis=field(page, "basis"), text="Un.", remove=kept)

    assert draft_of(deliverable.id, learner.id).files == []
