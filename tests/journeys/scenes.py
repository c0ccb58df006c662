"""What is already there when a journey is about something else: a school, its people, a project at work."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

from popschool.auth.models import Account
from popschool.auth.passwords import make_hash
from popschool.db import db
from popschool.schools.models import Cohort, Person, School
from tests import factories
from tests.courses.repositories import Repository, git
from tests.journeys.hands import Hands
from tests.journeys.installation import Installation, wait_for
from tests.journeys.lap import PASSWORD

UNTIL = """async (path) => {
  const waits = () => Object.keys(localStorage).some((one) => one.startsWith('later '));
  const isSo = async () => path ? await caches.match(path) : !waits();
  for (let looked = 0; !(await isSo()); looked += 1) {
    if (looked > 1200) throw new Error((path || 'it') + ' never is: ' + JSON.stringify({...localStorage}));
    await new Promise((later) => setTimeout(later, 50));
  }
}"""


@dataclass(frozen=True)
class Known:
    """Somebody who may come in, as one would write them down."""

    id: int
    name: str
    mail: str | None
    phone: str | None
    number: str | None


@dataclass(frozen=True)
class Scene:
    """A school where a cohort has a project to send, with two trainers, a manager and a learner."""

    school: int
    cohort: int
    code: str
    assignment: int
    deliverable: int
    learner: Known
    trainer: Known
    other_trainer: Known
    manager: Known


@cache
def password_hash() -> str:
    return make_hash(PASSWORD)


def known(person: Person) -> Known:
    """Give a person the password of everybody here."""
    db.session.get(Account, person.id).password_hash = password_hash()
    return Known(person.id, person.name, person.mail, person.phone, person.learner_number)


def a_school_at_work(where: Installation, asks: tuple[str, ...] = ("text", "link", "files")) -> Scene:
    """Make a school of one's own in an installation that others use too."""
    with where.records():
        cohort = factories.make_cohort()
        assignment = factories.make_assignment(cohort)
        deliverable = assignment.deliverables[0]
        deliverable.asks = list(asks)
        number = f"N{cohort.id}07"
        return Scene(
            school=cohort.school_id,
            cohort=cohort.id,
            code=cohort.code,
            assignment=assignment.id,
            deliverable=deliverable.id,
            learner=known(factories.make_learner(cohort, phone=phone_of(cohort), learner_number=number)),
            trainer=known(factories.make_trainer(cohort)),
            other_trainer=known(factories.make_trainer(cohort)),
            manager=known(factories.make_manager(db.session.get(School, cohort.school_id))),
        )


def phone_of(cohort: Cohort) -> str:
    """Return a number kept for fiction, one for each cohort."""
    return f"+3363998{cohort.id:04}"


def work_to_answer(where: Installation, scene: Scene) -> int:
    """Let the learner have sent a first version; returns its id."""
    with where.records():
        deliverable = db.session.get(factories.Deliverable, scene.deliverable)
        return factories.make_submission(deliverable, [db.session.get(Person, scene.learner.id)]).id


def sign_in(hands: Hands, person: Known, password: str = PASSWORD) -> None:
    """Come in with a mail and a password."""
    hands.open("/sign-in/password")
    hands.write("Adresse mail, téléphone ou numéro", person.mail or person.number)
    hands.write("Mot de passe", password)
    hands.press("Me connecter")


def set_up_second_code(where: Installation, hands: Hands) -> tuple[str, str]:
    """Give an application of codes to an account; return its secret, and the first recovery code."""
    hands.is_at("Mettre en place le second code")
    secret = hands.main.locator("code").inner_text().replace(" ", "")
    hands.write("Code à 6 chiffres", where.code_of(secret))
    hands.press("Mettre en service")
    hands.is_at("Vos codes de secours")
    recovery = hands.main.locator("li.mono").first.inner_text()
    hands.press("J'ai gardé mes codes")
    return secret, recovery


def sign_in_as_manager(where: Installation, hands: Hands, person: Known) -> None:
    """Come in for the first time with a role that asks for a second code."""
    sign_in(hands, person)
    set_up_second_code(where, hands)


def put_a_course_online(
    where: Installation, folder: Path, name: str, files: dict[str, str | bytes | None]
) -> Repository:
    """Put a course online from a bare repository, beside the working copy of a colleague; return the working copy."""
    colleague = Repository(folder / "collegue")
    colleague.commit(files)
    bare = folder / "cours.git"
    git(folder, "clone", "--quiet", "--bare", colleague.url, str(bare))
    git(colleague.folder, "remote", "add", "origin", str(bare))
    where.command("courses", "add", name, str(bare))
    where.command("courses", "sync", name)
    return colleague


def reload_until(hands: Hands, words: str) -> None:
    """Load the page again, as its link says, until it shows these words."""

    def shown() -> bool | None:
        hands.page.reload()
        return True if words in hands.main.inner_text() else None

    wait_for(shown, words)


def wait_until_kept(page: Page, path: str) -> None:
    """Wait until this phone keeps a page, to open it with no network."""
    page.evaluate(UNTIL, path)


def wait_until_sent(page: Page) -> None:
    """Wait until nothing that was written with no network is left on this phone."""
    page.evaluate(UNTIL, "")


def write_with_no_network(hands: Hands, deliverable: int, text: str) -> None:
    """Write in the first step of a hand-in, and see that the phone keeps it."""
    hands.open(f"/deliverables/{deliverable}/submit")
    hands.write("Votre texte", text)
    hands.touch(hands.button("Continuer"))
    hands.sees("Ce que vous avez écrit est gardé sur ce téléphone.")
