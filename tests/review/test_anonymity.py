"""Nothing that a learner receives during a round holds who is on the other side: every byte is searched."""

import json
import re
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

from popschool import storage
from popschool.auth.models import Account
from popschool.db import db
from popschool.git import Remote
from popschool.http_out import Answer
from popschool.messages.models import Notice
from popschool.outbox import Outgoing
from popschool.portal import services_data, services_keys, services_webhooks
from popschool.portal import tasks as telling
from popschool.portal.api_resources import RESOURCES
from popschool.portal.rules_api import Scope
from popschool.portal.rules_webhooks import Event
from popschool.projects.models import SubmissionFile
from popschool.review import services_copies, services_plan, services_release, tasks
from popschool.review.anonymous import MASK, Hidden, NotCleaned, cleaned, masked
from popschool.review.models import Flag, Review, Round, Work
from popschool.schools.models import School
from tests import factories
from tests.auth.hands import run_jobs
from tests.conftest import NOW
from tests.courses.repositories import Repository
from tests.review.rounds import ENDS, GOOD, IDEA, Circle, open_round, reviewer_of, work_of, write

HOUR = timedelta(hours=1)
NAMES = ("Zoé", "Yanis", "Xavier", "Wassila", "Victor", "Ulysse")


def picture(author: str) -> bytes:
    made, image = BytesIO(), Image.new("RGB", (20, 12), (20, 90, 160))
    said = image.getexif()
    said[0x013B] = author
    image.save(made, "JPEG", exif=said)
    return made.getvalue()


def document(author: str) -> bytes:
    writer, made = PdfFileWriter(), BytesIO()
    box = generic.ArrayObject([generic.NumberObject(size) for size in (0, 0, 100, 100)])
    writer.insert_page(PageObject(contents=writer.add_object(generic.StreamObject(stream_data=b"")), media_box=box))
    writer.set_info(generic.DictionaryObject({generic.pdf_name("/Author"): generic.pdf_string(author)}))
    writer.root["/Metadata"] = writer.add_object(generic.StreamObject(stream_data=f"<dc>{author}</dc>".encode()))
    writer.write(made)
    return made.getvalue()


def office(author: str) -> bytes:
    made = BytesIO()
    core = f'<cp xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>{author}</dc:creator></cp>'
    with zipfile.ZipFile(made, "w") as archive:
        archive.comment = author.encode()
        archive.writestr("docProps/core.xml", core)
        archive.writestr("word/document.xml", f"<w>Par {author}</w>")
    return made.getvalue()


FILES = {
    "photo.jpg": ("image/jpeg", picture),
    "dossier.pdf": ("application/pdf", document),
    "texte.docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", office),
    "style.css": ("text/plain", lambda author: f"/* {author} */\nbody {{ color: rose }}".encode()),
}


def content_of(name: str, data: bytes) -> list[bytes]:
    """Return everything that a file holds, unpacked."""
    found = [data]
    if data.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(data)) as archive:
            found.append(archive.comment)
            for one in archive.infolist():
                found += [one.filename.encode(), one.extra, one.comment, *content_of(one.filename, archive.read(one))]
    elif data.startswith(b"%PDF"):
        reader = PdfFileReader(BytesIO(data))
        for number in range(1, reader.trailer["/Size"]):
            one = reader.get_object(generic.IndirectObject(number, 0, reader), never_decrypt=True)
            found.append(repr(one).encode() + (one.data if isinstance(one, generic.StreamObject) else b""))
    return found


@pytest.mark.parametrize("name", FILES)
def test_a_file_says_nothing_of_who_made_it(app, name):
    person = factories.make_person(first_name="Zoé", last_name="Quentin", mail="zoe.quentin@example.org")
    media_type, make = FILES[name]
    data = make("Zoé Quentin")
    assert any(b"Quentin" in part for part in content_of(name, data))

    clean = cleaned(data, name, media_type, Hidden([person]))

    assert not any(b"Quentin" in part or b"zoe" in part for part in content_of(name, clean))
    assert clean


def test_what_cannot_be_cleaned_is_not_given(app):
    person = factories.make_person()

    with pytest.raises(NotCleaned):
        cleaned(b"film", "film.mp4", "video/mp4", Hidden([person]))
    with pytest.raises(NotCleaned):
        cleaned(b"%PDF-1.4 broken", "a.pdf", "application/pdf", Hidden([person]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Par Rose Petit.", f"Par {MASK}."),
        ("rose.petit@example.org", MASK),
        ("ROSE PETIT", MASK),
        ("Signé Rose", f"Signé {MASK}"),
        ("color: rose; un petit menu", "color: rose; un petit menu"),
        ("Les Roses de Petitville", "Les Roses de Petitville"),
        ("menu_Rose.html", f"menu_{MASK}.html"),
        ("Par l'équipe 3, EQUIPE 3.", f"Par l'{MASK}, {MASK}."),
        ("projet_equipe-3.zip", f"projet_{MASK}.zip"),
        ("Équipe 31, équipes 3", "Équipe 31, équipes 3"),
        ("Les Corail : color: coral, corail", f"Les {MASK} : color: coral, corail"),
    ],
)
def test_a_name_is_masked_and_a_common_word_stays(app, text, expected):
    person = factories.make_person(first_name="Rose", last_name="Petit", mail="rose.petit@example.org")

    assert masked(text, Hidden([person], ["Équipe 3", "Corail"])) == expected


def named_circle() -> Circle:
    """A cohort whose people have names of their own, written in their work and in their files."""
    cohort = factories.make_cohort()
    assignment = factories.make_assignment(cohort, due_at=NOW - HOUR)
    learners = [
        factories.make_learner(
            cohort, first_name=name, last_name=f"Dupuis{name}", mail=f"{name.lower()}@mail.example.org"
        )
        for name in NAMES
    ]
    learners[-1].phone, learners[-1].mail = "+33612345678", None  # told by SMS
    found = Circle(cohort, assignment, factories.make_trainer(cohort), learners)
    for learner in learners:
        kept = [
            {"hash": one.hash, "name": f"{learner.first_name}-{name}", "size": one.size, "media_type": media_type}
            for name, (media_type, make) in FILES.items()
            for one in [storage.put(make(learner.name))]
        ]
        text = f"Bonjour, moi c'est {learner.name}.\nMa page est finie."
        factories.make_submission(
            found.deliverable,
            [learner],
            text=text,
            note=f"Merci. {learner.mail}",
            files=kept,
            repository=f"https://forge.example.org/{learner.first_name}/menu",
        )
    factories.save()
    return found


@pytest.fixture
def remote(tmp_path):
    """Repositories, each signed by its author wherever one can."""

    def make(person) -> Remote:
        signed = f"// {person.name}, {person.mail}\n"
        repository = Repository(tmp_path / person.first_name)
        code = {"index.html": "<h1>Menu</h1>", f"{person.last_name}/app.js": f"{signed}let total = 2\n"}
        repository.commit(code | {"AUTHORS": signed})
        return Remote(str(repository.folder), is_local=True)

    return make


class Searched:
    """A learner's browser that keeps every byte received: addresses, headers, pages, files."""

    def __init__(self, app, person):
        self.person, self.client, self.received, self.files = person, app.test_client(), [], set()
        with self.client.session_transaction() as session:
            session["_user_id"] = f"{person.id}:{db.session.get(Account, person.id).session_token}"
            session["_fresh"] = True

    def get(self, address: str, **given: object):
        return self._keep(self.client.get(address, **given))

    def post(self, address: str, size: int | None = None, **given: str):
        """Send a form; `size` is how heavy it says it is."""
        heavy = {"CONTENT_LENGTH": str(size)} if size else None
        return self._keep(self.client.post(address, data=given, environ_overrides=heavy))

    def _keep(self, answer):
        head = f"{answer.request.url}\n{answer.headers}".encode()
        self.received += [head, *content_of("", answer.data)]
        return answer

    def follow_all(self, page: str, seen: set[str]) -> None:
        """Open every link of a page that leads to reviews, and every file, which stays what it is."""
        for address in re.findall(r'(?:href|src)="(/review[^"#]*)', page):
            if address not in seen | self.files:
                seen.add(address)
                answer = self.get(address)
                if answer.mimetype == "text/html":
                    self.follow_all(answer.text, seen)
                else:
                    self.files.add(address)

    def says_of(self, other) -> list[bytes]:
        words = [word.encode() for word in (other.first_name, other.last_name, other.mail) if word]
        return [part[:400] for part in self.received for word in words if word in part]


def review(browser: Searched, opened: Round) -> None:
    """Review everything there is, through the pages, reading all that they lead to; every word is signed."""
    signed = f"{GOOD} {browser.person.name}, {browser.person.mail}"
    while True:
        location = browser.post(f"/rounds/{opened.id}/next").location
        if not location.startswith("/reviews/"):
            return
        key = location.split("/")[2]
        browser.follow_all(browser.get(location).text, set())
        for number in range(1, len(opened.criteria) + 1):
            browser.post(
                f"/reviews/{key}/criteria/{number}",
                mark="1",
                good=signed,
                good_place="text",
                good_line="2",
                idea=f"{signed} {IDEA}",
            )
        browser.get(f"/reviews/{key}/check")
        assert browser.post(f"/reviews/{key}/check").location.endswith("/thanks")
        browser.get(f"/reviews/{key}/thanks")


def answer(browser: Searched) -> None:
    """Read what was said of one's work, answer it all, then report the first and ask the trainer to look."""
    for address in set(re.findall(r'href="(/reviewed/[0-9a-f]+)"', browser.get("/reviews").text)):
        numbers = sorted(set(re.findall(rf'href="{address}/(\d+)"', browser.get(address).text)))
        for number in numbers:
            browser.post(f"{address}/{number}", helps="helpful", change="Je change le titre.", thanks="y")
        browser.follow_all(browser.get(address).text, set())
        browser.post(f"{address}/{numbers[0]}/report", words="Lisez ceci.")
        browser.post(f"{address}/appeal", words="Lisez mon travail.")


def settle(found: Circle) -> None:
    """The trainer, who knows everybody, names both sides in each answer."""
    for flag in db.session.query(Flag):
        sides = {one.reviewer.person for one in db.session.query(Review).filter_by(work_id=flag.work_id)}
        names = ", ".join(f"{one.name} {one.mail}" for one in sides | {flag.work.submission.owners[0].person})
        services_release.answer_flag(flag, f"Voici. {names}", True, found.trainer, ENDS)


def refused(app, browser: Searched, opened: Round, key: str) -> set[int]:
    """Knock at doors that stay shut, and return what each answered."""
    answers = [
        browser.get(f"/reviews/{key}"),
        browser.get(f"/rounds/{opened.id}"),
        browser.get(f"/rounds/{opened.id}/next"),
        browser.post(f"/rounds/{opened.id}/apart", size=10**10, person="1"),
    ]
    app.config["WTF_CSRF_ENABLED"] = True
    answers.append(browser.post(f"/reviews/{key}/check"))
    app.config["WTF_CSRF_ENABLED"] = False
    return {one.status_code for one in answers}


def read_by_program(browser: Searched, works: list[int]) -> set[int]:
    """Read all that the API gives, and each work of the round; return what was answered."""
    nonce = f"clé de {browser.person.id}"
    services_keys.make_key(browser.person, "Essai", tuple(Scope), tuple(Scope), NOW + 48 * HOUR, nonce, NOW)
    headers = {"Authorization": f"Bearer {services_keys.key_from(nonce)}"}
    addresses = [*(one.name for one in RESOURCES), *(f"submissions/{one}" for one in works)]
    return {browser.get(f"/api/v1/{one}", headers=headers).status_code for one in [*addresses, "submissions?after=x"]}


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_no_byte_received_in_a_round_names_the_other_side(app, remote, monkeypatch):
    found = named_circle()
    school = db.session.get_one(School, found.cohort.school_id)
    services_webhooks.add_hook(
        school, "https://93.184.215.14/", tuple(Event), factories.make_manager(school), NOW - 48 * HOUR
    )
    bodies = []
    monkeypatch.setattr(telling.http_out, "post", lambda url, body, headers: bodies.append(body) or Answer(200, "", 1))
    opened = open_round(found)
    browsers = [Searched(app, learner) for learner in found.learners]
    for work in db.session.query(Work):
        services_copies.make(work.submission_id, NOW, remote(work.submission.owners[0].person))

    # when they review, read, answer, and the trainer answers them
    for browser in browsers:
        review(browser, opened)
    tasks.run_round(opened, NOW + 50 * HOUR)
    services_release.release(opened, found.trainer, ENDS)
    for browser in browsers:
        answer(browser)
    settle(found)
    factories.make_submission(found.deliverable, found.learners[:1], text="Version deux.", version=2)
    factories.save()

    # and look wherever else there is something to read
    keys = [(one.key, one.reviewer.person_id) for one in db.session.query(Review)]
    works = [one.submission_id for one in db.session.query(Work)]
    for browser in browsers:
        browser.follow_all(browser.get("/reviews").text, set())
        for address in ("/messages", "/today", "/projects", f"/people/{browser.person.id}/log", "/my/portfolio.zip"):
            browser.get(address)
        browser.received += content_of("", services_data.archive(browser.person, "https://pop.example.org", ENDS))
        other = next(key for key, whose in keys if whose != browser.person.id)
        assert refused(app, browser, opened, other) == {400, 403, 404, 405, 413}
        assert read_by_program(browser, works) == {200, 400, 404}
    run_jobs()

    # then nobody is named to the other side, nor to a program
    assert db.session.query(Review).filter(Review.state.in_(["reacted", "set_aside"])).count() == 12
    for browser in browsers:
        others = [learner for learner in found.learners if learner is not browser.person]
        assert len(browser.received) > 90
        assert {other.first_name: browser.says_of(other) for other in others if browser.says_of(other)} == {}
        assert not any(b'"flat"' in part for part in browser.received)
    told = [(one.person_id, f"{one.subject} {one.text}") for one in db.session.query(Outgoing)]
    told += [(one.person_id, f"{one.title} {one.body} {one.url}") for one in db.session.query(Notice)]
    told += [(0, body.decode()) for body in bodies]
    assert {one.channel for one in db.session.query(Outgoing)} == {"mail", "sms"}
    assert bodies
    for person_id, text in told:
        assert not [one.last_name for one in found.learners if one.id != person_id and one.last_name in text]
        assert not [key for key, _whose in keys if key in text]


def test_another_s_pages_are_answered_as_if_they_did_not_exist(app):
    found = named_circle()
    opened = open_round(found)
    first, second = (Searched(app, learner) for learner in found.learners[:2])
    key = first.post(f"/rounds/{opened.id}/next").location.split("/")[2]
    work = db.session.query(Review).filter_by(key=key).one().work
    assert found.learners[1].id not in work.authors or found.learners[2].id not in work.authors

    for page in ("", "/files/1", "/criteria/1", "/check", "/thanks", "/conflict"):
        assert second.get(f"/reviews/{key}{page}").status_code == 404
    assert first.get(f"/reviewed/{work.key}").status_code == 404
    assert first.get(f"/rounds/{opened.id}").status_code == 403
    file = db.session.query(SubmissionFile).filter_by(submission_id=work.submission_id).first()
    assert first.get(f"/submissions/{work.submission_id}/files/{file.id}").status_code == 404


def test_a_name_is_not_on_a_page_before_release_even_for_its_author(app):
    found = named_circle()
    opened = open_round(found)
    first = Searched(app, found.learners[0])
    review(first, opened)
    reviewed = [row.work for row in db.session.query(Review).filter_by(state="submitted")]
    author = next(one for one in found.learners if one.id in reviewed[0].authors)
    other = Searched(app, author)

    page = other.get(f"/reviewed/{reviewed[0].key}").text

    assert GOOD not in page
    assert "Pas encore de relecture" in page


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_what_one_wrote_and_received_can_be_taken_away_without_the_other_side(app):
    cohort = factories.make_cohort()
    assignment = factories.make_assignment(cohort, due_at=NOW - HOUR, work="team", team_size=2)
    learners = [factories.make_learner(cohort, first_name=name, last_name=f"Dupuis{name}") for name in NAMES]
    found = Circle(cohort, assignment, factories.make_trainer(cohort), learners)
    for number in range(3):
        pair, team = learners[2 * number : 2 * number + 2], f"Équipe {number + 7}"
        factories.make_team(assignment, pair, name=team)
        text = f"Bonjour.\nFait par {pair[0].name}, de l'{team.lower()}."
        factories.make_submission(found.deliverable, pair, text=text, team_name=team)
    factories.save()
    opened = open_round(found, wanted=2)
    for place, learner in enumerate(learners):
        while services_plan.left_in(opened, reviewer_of(opened, learner).id):
            found_review = services_plan.reveal(opened, learner, NOW)
            write(found_review, good=f"{GOOD} Signé : {learner.name}, ÉQUIPE {place // 2 + 7}.")
    tasks.run_round(opened, NOW + 50 * HOUR)
    services_release.release(opened, found.trainer, ENDS)
    reported = db.session.query(Review).filter_by(work_id=work_of(opened, learners[0]).id).first()
    services_release.report(reported, learners[0], "Lisez ceci.", ENDS)

    taken = {learner: services_data.reviews(learner.id) for learner in learners}

    written = [one for own in taken.values() for one in own["written"]]
    assert len(written) == db.session.query(Review).filter(Review.score.is_not(None)).count() > 5
    assert all(GOOD in one["answers"][0]["works"]["said"] for one in written)
    # What was reported stays hidden while the trainer looks.
    assert [len(own["received"][0]["reviews"]) for own in taken.values()] == [1, 1, 2, 2, 2, 2]
    for own in taken.values():
        received = json.dumps(own["received"], ensure_ascii=False)
        assert f"{GOOD} Signé : {MASK}, {MASK}." in received
        quoted = [answer["works"]["quoted"] for one in own["written"] for answer in one["answers"]]
        assert set(quoted) == {f"Fait par {MASK}, de l'{MASK}."}
        assert not any(f"{team}" in received.lower() for team in ("équipe 7", "équipe 8", "équipe 9"))
