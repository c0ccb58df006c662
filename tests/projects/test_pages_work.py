"""Pages of work: one's projects, one project, a version, the files that people sent."""

import io
from contextvars import Context
from datetime import timedelta
from urllib.parse import unquote

import pytest

from popschool import storage
from popschool.db import db
from popschool.projects.models import Extension, SubmissionState, VersionChoice
from popschool.projects.services_drafts import Upload, save_draft
from popschool.schools.models import Enrolment
from tests.conftest import NOW
from tests.factories import (
    add,
    make_assignment,
    make_author,
    make_cohort,
    make_learner,
    make_manager,
    make_network_manager,
    make_submission,
    make_team,
    make_trainer,
    save,
)
from tests.shown import field, shown

DAY = timedelta(days=1)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


@pytest.fixture
def cohort(app):
    return make_cohort()


@pytest.fixture
def learner(cohort, log_in):
    return log_in(make_learner(cohort))


def decide(submission, decision):
    state = db.session.get_one(SubmissionState, submission.id)
    state.decision, state.decided_at, state.is_waiting = decision, NOW, False
    save()


def test_nothing_set_yet_is_said(client, learner):
    assert "Pas encore de projet" in shown(client.get("/projects"))


def test_what_is_asked_is_set_as_french_is(client, cohort, learner):
    assignment = make_assignment(cohort)
    assignment.deliverables[0].hint = "Prêt ? Le lien : c'est tout."
    save()

    page = client.get(f"/assignments/{assignment.id}").text

    assert "Prêt\u202f? Le lien\u00a0: c" in page


def test_ones_projects_are_sorted_by_what_they_need(client, cohort, learner):
    done, sent, coming, to_do = (
        make_assignment(cohort),
        make_assignment(cohort),
        make_assignment(cohort, opens_at=NOW + DAY, due_at=NOW + 9 * DAY),
        make_assignment(cohort),
    )
    decide(make_submission(done.deliverables[0], [learner]), "validated")
    make_submission(sent.deliverables[0], [learner])
    save()

    page = client.get("/projects")

    places = [page.text.index(f"/assignments/{one.id}") for one in (to_do, sent, coming, done)]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("window", "decision", "has_draft", "words"),
    [
        ({}, None, False, ["À envoyer avant le mercredi 10 mars", "Envoyer mon travail"]),
        ({}, None, True, ["Votre brouillon est gardé.", "Continuer mon envoi"]),
        ({}, "", False, ["Votre travail est envoyé", "Vous recevrez un message."]),
        ({}, "to_complete", False, ["Votre travail est à compléter", "Lire le retour", "Envoyer une nouvelle version"]),
        ({}, "validated", False, ["Ce projet est validé"]),
        ({"due_at": NOW - DAY}, None, False, ["Votre travail est en retard", "La date limite est passée", "Envoyer"]),
        ({"due_at": NOW - DAY, "closes_at": NOW}, None, False, ["Le temps pour envoyer est fini", "Demandez un délai"]),
        ({"due_at": NOW - DAY, "closes_at": NOW}, "to_complete", False, ["Demandez un délai", "Lire le retour"]),
        ({}, "to_complete", True, ["Votre travail est à compléter", "Continuer mon envoi", "Lire le retour"]),
        ({"due_at": NOW - DAY}, "to_complete", True, ["à compléter", "Votre brouillon est gardé.", "Lire le retour"]),
        ({"opens_at": NOW + DAY, "due_at": NOW + 2 * DAY}, None, False, ["Ce projet ouvre mardi 9 mars"]),
    ],
)
def test_a_project_says_first_what_to_do_now(client, cohort, learner, window, decision, has_draft, words):
    assignment = make_assignment(cohort, **window)
    if decision is not None:
        sent = make_submission(assignment.deliverables[0], [learner])
        if decision:
            decide(sent, decision)
    save()
    if has_draft:
        save_draft(assignment.deliverables[0], learner.id, NOW, text="Un début")

    text = shown(client.get(f"/assignments/{assignment.id}"))

    for one in words:
        assert one in text, one


def test_what_is_closed_proposes_no_sending(client, cohort, learner):
    assignment = make_assignment(cohort, due_at=NOW - DAY, closes_at=NOW)
    decide(make_submission(assignment.deliverables[0], [learner]), "to_complete")

    page = client.get(f"/assignments/{assignment.id}")

    assert f"/deliverables/{assignment.deliverables[0].id}/submit" not in page.text


def test_a_person_sees_their_own_date(client, cohort, learner):
    assignment = make_assignment(cohort)
    add(
        Extension(
            school_id=cohort.school_id,
            assignment_id=assignment.id,
            person_id=learner.id,
            due_at=NOW + 5 * DAY,
            closes_at=assignment.closes_at,
            granted_by_id=learner.id,
            granted_at=NOW,
        )
    )
    save()

    for address in (f"/assignments/{assignment.id}", "/projects", "/today"):
        assert "samedi 13 mars" in shown(client.get(address)), address


def test_whoever_waits_for_a_team_reads_who_makes_it(client, cohort, learner):
    assignment = make_assignment(cohort, work="pair", team_size=2, teams_by="trainer")

    text = shown(client.get(f"/assignments/{_saved(assignment).id}"))

    assert "Votre formateur ou formatrice fait les équipes : demandez-lui. Vous pouvez déjà le lire." in text


def test_a_team_sees_its_members_and_that_one_has_begun(client, cohort, learner):
    assignment = make_assignment(cohort, work="pair", team_size=2, teams_by="learners")
    mate = make_learner(cohort)
    assert "vous n'avez pas encore d'équipe" in shown(client.get(f"/assignments/{_saved(assignment).id}"))
    make_team(assignment, [learner, mate], name="Équipe 9")
    save()
    save_draft(assignment.deliverables[0], mate.id, NOW, text="J'ai commencé")

    text = shown(client.get(f"/assignments/{assignment.id}"))

    assert f"avec {mate.name}" in text
    assert "Dans votre équipe, un envoi est déjà en préparation." in text
    assert "Mon équipe : Équipe 9" in text


def _saved(thing):
    save()
    return thing


def test_a_withdrawn_project_is_no_longer_there_and_the_work_is_safe(client, cohort, learner):
    assignment = make_assignment(cohort, withdrawn_at=NOW)
    save()

    text = shown(client.get(f"/assignments/{assignment.id}"))

    assert "Ce projet n'est plus là" in text and "Votre travail n'a pas bougé." in text


@pytest.mark.parametrize("version", ["", "simple", "en", "xx", "../..", "é" * 50])
def test_a_project_is_read_whatever_version_is_asked(client, cohort, learner, version):
    assignment = make_assignment(cohort)
    save()

    page = client.get(f"/assignments/{assignment.id}", query_string={"version": version})

    assert page.status_code == 200 and "Le café change son menu." in shown(page)


def test_a_version_is_shown_as_it_was_sent(client, cohort, learner):
    sent = make_submission(
        make_assignment(cohort).deliverables[0],
        [learner],
        text="<b>Un</b>\nDeux",
        link="https://example.org/menu",
        repository="https://example.org/menu.git",
        repository_commit="4f2a" + "0" * 36,
        timing="late",
        note="Voilà",
    )
    save()

    page = client.get(f"/submissions/{sent.id}")

    text = shown(page)
    assert all(one in text for one in ("en retard", "en attente", "Voilà", "au commit 4f2a00000000", sent.receipt))
    assert "&lt;b&gt;Un&lt;/b&gt;" in page.text and "<b>Un</b>" not in page.text
    assert 'href="https://example.org/menu"' in page.text


def test_an_address_that_is_not_of_the_web_is_never_a_link(client, cohort, learner):
    sent = make_submission(
        make_assignment(cohort).deliverables[0],
        [learner],
        link="javascript:alert(1)",
        repository="data:text/html,x",
    )
    save()

    for address in (f"/submissions/{sent.id}", f"/submissions/{sent.id}/receipt"):
        page = client.get(address)
        assert 'href="javascript' not in page.text and 'href="data:' not in page.text


def test_a_learner_chooses_the_version_that_counts(client, cohort, learner):
    deliverable = make_assignment(cohort).deliverables[0]
    first = make_submission(deliverable, [learner], submitted_at=NOW - 2 * DAY)
    make_submission(deliverable, [learner], version=2)
    save()
    assert "Compter cette version" in shown(client.get(f"/submissions/{first.id}"))

    answer = client.post(f"/submissions/{first.id}/choose", follow_redirects=True)

    text = shown(answer)
    assert "La version 1 est celle qui compte." in text
    assert "Compter cette version" not in text
    assert text.index("Version 1") < text.index("celle qui compte", text.index("Version 1"))


@pytest.mark.parametrize(
    ("visitor", "status"),
    [("nobody", 401), ("stranger", 404), ("mate elsewhere", 404), ("trainer", 403), ("manager", 403)],
)
def test_only_its_owners_choose_a_version(client, cohort, log_in, visitor, status):
    sent = make_submission(make_assignment(cohort).deliverables[0])
    save()
    people = {
        "stranger": make_learner,
        "mate elsewhere": lambda: make_learner(cohort),
        "trainer": lambda: make_trainer(cohort),
        "manager": lambda: make_manager(cohort.school),
    }
    if visitor in people:
        log_in(people[visitor]())

    assert client.post(f"/submissions/{sent.id}/choose").status_code == status
    assert db.session.query(VersionChoice).count() == 0


# files


def kept(name, content, media_type):
    found = storage.put(content)
    return {"hash": found.hash, "name": name, "size": found.size, "media_type": media_type}


@pytest.fixture
def sent_files(cohort):
    def make(*files):
        submission = make_submission(make_assignment(cohort).deliverables[0], files=[kept(*file) for file in files])
        save()
        return submission

    return make


HOSTILE = [
    ("page.html", b"<script>alert(1)</script>", "text/html"),
    ("page.html", b"<script>alert(1)</script>", "text/plain"),
    ("dessin.svg", b"<svg onload='alert(1)'/>", "image/svg+xml"),
    ("page.xhtml", b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "application/xhtml+xml"),
    ("notes.pdf", b"%PDF-1.7", "application/pdf"),
    ("archive.zip", b"PK\x03\x04", "application/zip"),
    ("sans", b"x", "application/octet-stream"),
]


@pytest.mark.parametrize(("name", "content", "media_type"), HOSTILE)
def test_a_file_is_given_back_as_a_download_and_never_as_a_page(client, sent_files, log_in, name, content, media_type):
    sent = sent_files((name, content, media_type))
    log_in(sent.owners[0].person)

    answer = client.get(f"/submissions/{sent.id}/files/{sent.files[0].id}")

    assert answer.data == content
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers.getlist("Content-Security-Policy") == ["default-src 'none'; sandbox"]


@pytest.mark.parametrize("media_type", ["image/png", "image/jpeg", "image/gif", "image/webp"])
def test_a_picture_is_shown_as_a_picture_without_any_right(client, sent_files, log_in, media_type):
    sent = sent_files(("photo", PNG + b"<script>alert(1)</script>", media_type))
    log_in(sent.owners[0].person)

    answer = client.get(f"/submissions/{sent.id}/files/{sent.files[0].id}")

    assert answer.mimetype == media_type
    assert "attachment" not in answer.headers.get("Content-Disposition", "")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        'a"; filename="b.html',
        "photo\r\nX-Evil: 1.txt",
        "\u202egnp.txt",
        "é" * 300,
        "",
        "un deux.txt",
    ],
)
def test_a_strange_name_comes_back_harmless(client, cohort, log_in, name):
    learner = make_learner(cohort)
    deliverable = make_assignment(cohort).deliverables[0]
    deliverable.asks = ["files"]
    save()
    draft, refused = save_draft(deliverable, learner.id, NOW, uploads=[Upload(name, b"Bonjour")])
    assert refused == []
    sent = make_submission(deliverable, [learner], files=draft.files)
    log_in(learner)

    answer = client.get(f"/submissions/{sent.id}/files/{sent.files[0].id}")

    disposition = answer.headers["Content-Disposition"]
    assert answer.status_code == 200 and "X-Evil" not in answer.headers
    assert "\n" not in disposition and ".." not in unquote(disposition) and "\u202e" not in unquote(disposition)
    assert len(unquote(disposition)) < 300


def test_a_file_that_is_no_longer_in_the_store_is_not_there(client, sent_files, log_in):
    sent = sent_files(("photo.png", PNG, "image/png"))
    log_in(sent.owners[0].person)
    storage.delete(sent.files[0].hash)

    assert client.get(f"/submissions/{sent.id}/files/{sent.files[0].id}").status_code == 404


def test_a_file_of_another_submission_is_not_found_through_this_one(client, sent_files, log_in):
    mine, other = sent_files(("a.txt", b"a", "text/plain")), sent_files(("b.txt", b"b", "text/plain"))
    log_in(mine.owners[0].person)

    assert client.get(f"/submissions/{mine.id}/files/{other.files[0].id}").status_code == 404
    assert client.get(f"/submissions/{other.id}/files/{other.files[0].id}").status_code in (403, 404)


def test_what_a_learner_uploads_comes_back_as_it_was(client, cohort, learner):
    deliverable = make_assignment(cohort).deliverables[0]
    deliverable.asks = ["files"]
    save()
    client.post(
        f"/deliverables/{deliverable.id}/submit",
        data={"files": (io.BytesIO(PNG), "écran.png")},
        content_type="multipart/form-data",
    )
    check = client.get(f"/deliverables/{deliverable.id}/check")
    receipt = client.post(f"/deliverables/{deliverable.id}/check", data={"key": field(check, "key")}).location
    page = client.get(receipt.removesuffix("/receipt"))
    address = page.text.split('href="/submissions/')[1:]
    file = next(one.split('"')[0] for one in address if "/files/" in one)

    assert client.get(f"/submissions/{file}").data == PNG


# who reads


@pytest.mark.parametrize("part", ["", "/receipt", "/project", "/files/{}"])
@pytest.mark.parametrize(
    ("visitor", "status"),
    [
        ("nobody", 302),
        ("owner", 200),
        ("owner who left", 200),
        ("same cohort", 404),
        ("stranger", 404),
        ("other trainer", 404),
        ("author", 404),
        ("trainer", 200),
        ("manager", 200),
        ("network", 200),
    ],
)
def test_work_is_read_by_its_owners_and_their_team(client, cohort, sent_files, log_in, part, visitor, status):
    sent = sent_files(("photo.png", PNG, "image/png"))
    owner = sent.owners[0].person
    if visitor == "owner who left":
        db.session.query(Enrolment).filter_by(person_id=owner.id).one().left_on = (NOW - DAY).date()
    people = {
        "owner": lambda: owner,
        "owner who left": lambda: owner,
        "same cohort": lambda: make_learner(cohort),
        "stranger": make_learner,
        "other trainer": lambda: make_trainer(make_cohort()),
        "author": make_author,
        "trainer": lambda: make_trainer(cohort),
        "manager": lambda: make_manager(cohort.school),
        "network": make_network_manager,
    }
    if visitor in people:
        log_in(people[visitor]())

    assert client.get(f"/submissions/{sent.id}{part.format(sent.files[0].id)}").status_code == status


@pytest.mark.parametrize(
    ("visitor", "status"),
    [
        (lambda cohort: None, 302),
        (make_learner, 200),
        (lambda cohort: make_learner(), 404),
        (lambda cohort: make_trainer(make_cohort()), 404),
        (lambda cohort: make_author(), 404),
        (make_trainer, 200),
        (lambda cohort: make_manager(cohort.school), 200),
        (lambda cohort: make_network_manager(), 200),
    ],
)
def test_a_project_is_read_by_its_cohort_and_its_team(client, cohort, log_in, visitor, status):
    assignment = make_assignment(cohort)
    save()
    person = visitor(cohort)
    if person is not None:
        log_in(person)

    assert client.get(f"/assignments/{assignment.id}").status_code == status


def test_a_learner_who_has_left_still_reads_and_no_longer_sends(client, cohort, learner):
    assignment = make_assignment(cohort)
    db.session.query(Enrolment).filter_by(person_id=learner.id).one().left_on = (NOW - DAY).date()
    save()

    page = client.get(f"/assignments/{assignment.id}")

    assert page.status_code == 200
    assert f"/deliverables/{assignment.deliverables[0].id}/submit" not in page.text


def test_pages_of_work_cost_few_queries_however_much_there_is(client, cohort, learner, queries):
    for _ in range(8):
        assignment = make_assignment(cohort, work="pair", team_size=2)
        make_team(assignment, [learner, make_learner(cohort)])
        sent = make_submission(assignment.deliverables[0], [learner], files=[kept("a.png", PNG, "image/png")])
    save()
    addresses = (
        "/projects",
        f"/assignments/{assignment.id}",
        f"/submissions/{sent.id}",
        f"/submissions/{sent.id}/receipt",
        f"/submissions/{sent.id}/project",
        f"/submissions/{sent.id}/feedback",
        f"/deliverables/{assignment.deliverables[0].id}/submit",
        "/today",
        "/competences",
    )
    for address in addresses:
        with queries() as seen:
            Context().run(client.get, address)
        assert len([one for one in seen if one.startswith("SELECT")]) <= 6, (address, seen)
