"""What is prepared before sending: kept whatever is refused of it."""

from datetime import timedelta

import pytest

from popschool import git, outbound, storage
from popschool.db import db
from popschool.projects import rules, rules_files, services_drafts
from popschool.projects.models import Draft
from popschool.projects.services_drafts import Upload, check_draft, draft_of, save_draft
from tests.conftest import NOW
from tests.factories import make_assignment, make_cohort, make_deliverable, make_learner, save

PNG = b"\x89PNG\r\n\x1a\n"
ALL = ["text", "link", "files", "repository"]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def deliverable(app):
    found = make_deliverable(make_assignment(), asks=ALL, either=True)
    save()
    return found


@pytest.fixture
def learner(deliverable):
    person = make_learner(deliverable.assignment.cohort)
    save()
    return person


def picture(name="photo.png", mark=b"1"):
    return Upload(name, PNG + mark)


def test_what_is_typed_and_chosen_is_kept_at_each_step(deliverable, learner):
    save_draft(deliverable, learner.id, NOW, text="Bonjour", uploads=[picture()])

    draft, refused = save_draft(
        deliverable, learner.id, NOW + MINUTE, text="Bonjour à tous", link=" https://example.org ", note="Voilà"
    )

    assert refused == []
    assert (draft.text, draft.link, draft.note) == ("Bonjour à tous", "https://example.org", "Voilà")
    assert [file["name"] for file in draft.files] == ["photo.png"]
    assert draft.updated_at == NOW + MINUTE
    assert db.session.query(Draft).count() == 1


def test_a_file_is_kept_by_its_content(deliverable, learner):
    draft, _ = save_draft(deliverable, learner.id, NOW, uploads=[picture("a.png"), picture("b.png", b"2")])

    assert [storage.read(file["hash"]) for file in draft.files] == [PNG + b"1", PNG + b"2"]
    assert [(file["size"], file["media_type"]) for file in draft.files] == [(9, "image/png")] * 2


def test_the_same_file_chosen_twice_is_kept_once(deliverable, learner):
    save_draft(deliverable, learner.id, NOW, uploads=[picture("a.png")])
    draft, refused = save_draft(deliverable, learner.id, NOW, uploads=[picture("b.png")])

    assert [file["name"] for file in draft.files] == ["a.png"]
    assert refused == []


def test_a_phone_that_calls_every_picture_the_same_loses_none(deliverable, learner):
    draft, _ = save_draft(
        deliverable, learner.id, NOW, uploads=[picture("image.png", mark) for mark in (b"1", b"2", b"3")]
    )

    assert [file["name"] for file in draft.files] == ["image.png", "image (2).png", "image (3).png"]


def test_a_file_is_taken_out(deliverable, learner):
    draft, _ = save_draft(deliverable, learner.id, NOW, uploads=[picture("a.png"), picture("b.png", b"2")])
    first = draft.files[0]["hash"]

    draft, _ = save_draft(deliverable, learner.id, NOW, removed=[first])

    assert [file["name"] for file in draft.files] == ["b.png"]


def test_a_refused_file_takes_nothing_else_away(deliverable, learner):
    page = Upload("photo.png", b"<script>alert(1)</script>")

    draft, refused = save_draft(deliverable, learner.id, NOW, text="Bonjour", uploads=[page, picture("vraie.png")])

    assert [(one.name, one.reason) for one in refused] == [("photo.png", "content")]
    assert (draft.text, [file["name"] for file in draft.files]) == ("Bonjour", ["vraie.png"])


def test_too_many_files_are_refused_once_and_ten_are_kept(deliverable, learner):
    many = [picture(f"{number}.png", str(number).encode()) for number in range(14)]

    draft, refused = save_draft(deliverable, learner.id, NOW, uploads=many)

    assert refused == [rules_files.TooManyFiles(10)]
    assert len(draft.files) == 10


def test_what_is_too_heavy_is_said_with_its_real_weight(deliverable, learner):
    film = Upload("film.webm", b"\x1aE\xdf\xa3", size=24_000_000)

    draft, refused = save_draft(deliverable, learner.id, NOW, text="Bonjour", uploads=[film])

    assert refused == [rules_files.FileTooHeavy("film.webm", 24_000_000, 10_000_000)]
    assert (draft.text, draft.files) == ("Bonjour", [])


def test_a_text_that_is_too_long_is_refused_and_kept(deliverable, learner):
    text = "é" * 100_001

    draft, refused = save_draft(deliverable, learner.id, NOW, text=text, note="n" * 5_001)

    assert refused == [rules.TextTooLong(100_001, 100_000), rules.TextTooLong(5_001, 5_000)]
    assert draft.text == text


def test_what_is_not_asked_is_not_kept(app):
    deliverable = make_deliverable()
    learner = make_learner(deliverable.assignment.cohort)
    save()

    draft, refused = save_draft(
        deliverable,
        learner.id,
        NOW,
        text="Bonjour",
        link="javascript:alert(1)",
        repository="https://example.org/a.git",
        uploads=[picture()],
    )

    assert (draft.text, draft.link, draft.repository, draft.files, refused) == ("Bonjour", "", "", [], [])


def test_a_draft_has_another_key_when_what_it_holds_changes_and_only_then(deliverable, learner):
    first = save_draft(deliverable, learner.id, NOW, text="Un")[0].key
    same = save_draft(deliverable, learner.id, NOW + MINUTE, text="Un")[0].key
    other = save_draft(deliverable, learner.id, NOW + MINUTE, text="Un", uploads=[picture()])[0].key

    assert first == same != other


@pytest.mark.parametrize(
    ("asks", "either", "held", "missing"),
    [
        (["text"], False, {}, ("text",)),
        (["text"], False, {"text": "   \n "}, ("text",)),
        (["text", "link"], False, {"text": "Bonjour"}, ("link",)),
        (["text", "link"], True, {}, ("text", "link")),
        (ALL, False, {"text": "Bonjour", "link": "https://example.org"}, ("files", "repository")),
    ],
)
def test_an_empty_or_unfinished_draft_says_what_it_lacks(app, asks, either, held, missing):
    deliverable = make_deliverable(make_assignment(), asks=asks, either=either)
    learner = make_learner(deliverable.assignment.cohort)
    save()
    draft, _ = save_draft(deliverable, learner.id, NOW, **held)

    with pytest.raises(rules.NothingToSend) as refused:
        check_draft(deliverable, draft)

    assert (refused.value.missing, refused.value.either) == (missing, either)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "ftp://example.org/page",
        "example.org/page",
        "//example.org/page",
        "https://",
        "https://user:secret@example.org/",
        "http://127.0.0.1/",
        "http://10.0.0.7/admin",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://localhost:5000/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://intranet/",
        "http://printer.local/",
        "https://example.org/ page",
    ],
)
@pytest.mark.parametrize("where", ["link", "repository"])
def test_a_link_that_is_not_a_public_page_is_refused_without_any_call(
    deliverable, learner, monkeypatch, address, where
):
    monkeypatch.setattr("socket.getaddrinfo", lambda *asked, **more: pytest.fail("a name was asked for"))
    draft, _ = save_draft(deliverable, learner.id, NOW, **{where: address})

    with pytest.raises(outbound.OutboundRefused):
        check_draft(deliverable, draft)


def test_a_draft_notes_where_its_repository_stands(deliverable, learner, monkeypatch):
    monkeypatch.setattr(git, "find_commit", lambda remote: "a" * 40)
    draft, _ = save_draft(deliverable, learner.id, NOW, repository="https://example.org/menu.git")
    key = draft.key

    services_drafts.find_commit(draft, NOW)

    draft = draft_of(deliverable.id, learner.id)
    assert (draft.repository_commit, draft.commit_found_at) == ("a" * 40, NOW)
    assert draft.key != key


def test_a_repository_that_has_moved_makes_another_draft(deliverable, learner, monkeypatch):
    commits = ["a" * 40, "a" * 40, "b" * 40]
    monkeypatch.setattr(git, "find_commit", lambda remote: commits.pop(0))
    draft, _ = save_draft(deliverable, learner.id, NOW, repository="https://example.org/menu.git")
    keys = []
    for minutes in (0, 2, 4):
        services_drafts.find_commit(draft, NOW + minutes * MINUTE)
        draft = draft_of(deliverable.id, learner.id)
        keys.append(draft.key)

    assert keys[0] == keys[1] != keys[2]
    assert draft.repository_commit == "b" * 40


def test_a_commit_found_within_the_minute_is_not_asked_for_again(deliverable, learner, monkeypatch):
    asked = []
    monkeypatch.setattr(git, "find_commit", lambda remote: asked.append(remote.url) or "a" * 40)
    draft, _ = save_draft(deliverable, learner.id, NOW, repository="https://example.org/menu.git")

    services_drafts.find_commit(draft, NOW)
    services_drafts.find_commit(draft_of(deliverable.id, learner.id), NOW + MINUTE / 2)

    assert asked == ["https://example.org/menu.git"]


def test_another_address_forgets_the_commit_of_the_first(deliverable, learner, monkeypatch):
    monkeypatch.setattr(git, "find_commit", lambda remote: "a" * 40)
    draft, _ = save_draft(deliverable, learner.id, NOW, repository="https://example.org/menu.git")
    services_drafts.find_commit(draft, NOW)

    draft, _ = save_draft(deliverable, learner.id, NOW, repository="https://example.org/carte.git")

    assert (draft.repository_commit, draft.commit_found_at) == ("", None)


def test_each_person_has_a_draft_of_their_own(app):
    cohort = make_cohort()
    deliverable = make_assignment(cohort, work="pair", team_size=2).deliverables[0]
    one, other = make_learner(cohort), make_learner(cohort)
    save()

    save_draft(deliverable, one.id, NOW, text="Le mien")
    save_draft(deliverable, other.id, NOW, text="Le tien")

    assert [draft_of(deliverable.id, person.id).text for person in (one, other)] == ["Le mien", "Le tien"]
