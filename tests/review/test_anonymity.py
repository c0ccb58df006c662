"""Nothing that a learner receives during a round holds who is on the other side: every byte is searched."""

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
from popschool.outbox import Outgoing
from popschool.projects.models import SubmissionFile
from popschool.review import services_copies, services_release, tasks
from popschool.review.anonymous import MASK, NotCleaned, cleaned, masked
from popschool.review.models import Review, Round, Work
from tests import factories
from tests.conftest import NOW
from tests.courses.repositories import Repository
from tests.review.rounds import ENDS, GOOD, IDEA, Circle, open_round

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
            found += [archive.comment, *(archive.read(one) for one in archive.namelist())]
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

    clean = cleaned(data, name, media_type, [person])

    assert not any(b"Quentin" in part or b"zoe" in part for part in content_of(name, clean))
    assert clean


def test_what_cannot_be_cleaned_is_not_given(app):
    person = factories.make_person()

    with pytest.raises(NotCleaned):
        cleaned(b"film", "film.mp4", "video/mp4", [person])
    with pytest.raises(NotCleaned):
        cleaned(b"%PDF-1.4 broken", "a.pdf", "application/pdf", [person])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Par Rose Petit.", f"Par {MASK}."),
        ("rose.petit@example.org", MASK),
        ("ROSE PETIT", MASK),
        ("Signé Rose", f"Signé {MASK}"),
        ("color: rose; un petit menu", "color: rose; un petit menu"),
        ("Les Roses de Petitville", "Les Roses de Petitville"),
    ],
)
def test_a_name_is_masked_and_a_common_word_stays(app, text, expected):
    person = factories.make_person(first_name="Rose", last_name="Petit", mail="rose.petit@example.org")

    assert masked(text, [person]) == expected


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
        self.person, self.client, self.received = person, app.test_client(), []
        with self.client.session_transaction() as session:
            session["_user_id"] = f"{person.id}:{db.session.get(Account, person.id).session_token}"
            session["_fresh"] = True

    def get(self, address: str):
        return self._keep(self.client.get(address))

    def post(self, address: str, **given: str):
        return self._keep(self.client.post(address, data=given))

    def _keep(self, answer):
        head = f"{answer.request.url}\n{answer.headers}".encode()
        self.received += [head, *content_of("", answer.data)]
        return answer

    def follow_all(self, page: str, seen: set[str]) -> None:
        """Open every link of a page that leads to reviews, and every file."""
        for address in re.findall(r'(?:href|src)="(/review[^"#]*)', page):
            if address not in seen:
                seen.add(address)
                answer = self.get(address)
                if answer.mimetype == "text/html":
                    self.follow_all(answer.text, seen)

    def says_of(self, other) -> list[bytes]:
        words = (other.first_name, other.last_name, other.mail)
        return [part[:400] for part in self.received for word in words if word.encode() in part]


def review(browser: Searched, opened: Round) -> None:
    """Review everything there is, through the pages, reading all that they lead to."""
    while True:
        location = browser.post(f"/rounds/{opened.id}/next").location
        if not location.startswith("/reviews/"):
            return
        key = location.split("/")[2]
        browser.follow_all(browser.get(location).text, set())
        for number in range(1, len(opened.criteria) + 1):
            browser.post(
                f"/reviews/{key}/criteria/{number}", mark="1", good=GOOD, good_place="text", good_line="2", idea=IDEA
            )
        browser.get(f"/reviews/{key}/check")
        assert browser.post(f"/reviews/{key}/check").location.endswith("/thanks")
        browser.get(f"/reviews/{key}/thanks")


def test_no_byte_received_in_a_round_names_the_other_side(app, remote):
    found = named_circle()
    opened = open_round(found)
    browsers = [Searched(app, learner) for learner in found.learners]
    for work in db.session.query(Work):
        services_copies.make(work.submission_id, NOW, remote(work.submission.owners[0].person))

    for browser in browsers:
        browser.follow_all(browser.get("/reviews").text, set())
        review(browser, opened)
    tasks.run_round(opened, NOW + 50 * HOUR)
    services_release.release(opened, found.trainer, ENDS)
    for browser in browsers:
        browser.follow_all(browser.get("/reviews").text, set())
        page = browser.get("/reviews").text
        for address in set(re.findall(r'href="(/reviewed/[0-9a-f]+)"', page)):
            for number in set(re.findall(rf'href="{address}/(\d+)"', browser.get(address).text)):
                browser.post(f"{address}/{number}", helps="helpful", change="Je change le titre.", thanks="y")
            browser.follow_all(browser.get(address).text, set())
        browser.follow_all(browser.get("/messages").text, set())
        browser.get("/today")
    keys = [one.key for one in db.session.query(Review)]

    assert db.session.query(Review).filter_by(state="reacted").count() == 12
    for browser in browsers:
        others = [learner for learner in found.learners if learner is not browser.person]
        assert len(browser.received) > 60
        assert {other.first_name: browser.says_of(other) for other in others if browser.says_of(other)} == {}
        mine = [row.key for row in db.session.query(Review) if row.reviewer.person_id == browser.person.id]
        for key in set(keys) - set(mine):
            assert browser.client.get(f"/reviews/{key}").status_code == 404
    for mail in db.session.query(Outgoing).filter(Outgoing.person_id.is_not(None)):
        names = [one.last_name for one in found.learners if one.id != mail.person_id]
        assert not any(name in f"{mail.subject}{mail.text}" for name in names)


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
