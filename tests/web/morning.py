"""What happens in the network on its day: each act is done on its page, as its person does it."""

import io
import re
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import pyotp
from sqlalchemy import select

from popschool.attendance import signing_links
from popschool.attendance.models import CompanyPeriod, Entry, Expected, HalfDay, PaperScan
from popschool.attendance.models_absences import Dispute, Excuse
from popschool.attendance.models_planning import CalendarFeed, Closure, Room
from popschool.attendance.models_sheets import Sheet
from popschool.attendance.services import open_half_day
from popschool.attendance.tasks import make_paper
from popschool.auth.models import IdentityProvider
from popschool.auth.models_decisions import Proposal
from popschool.completion import services_badges, services_company
from popschool.completion import services_questionnaire as own_link
from popschool.completion.models import EnrolmentFunding, Funding
from popschool.completion.models_afterwards import Questionnaire
from popschool.completion.models_papers import Document, DocumentBatch
from popschool.completion.models_rules import ExamSession
from popschool.completion.rules_afterwards import Question
from popschool.completion.tasks import make_batch
from popschool.completion.tasks import make_paper as draw_document
from popschool.courses import previewing, services_previews
from popschool.courses.models_authoring import PageSave, Preview
from popschool.db import db, transaction
from popschool.grading.models import Award, Feedback
from popschool.portal import demo_plan, services_webhooks
from popschool.portal.models import ApiKey, Barrier, Delivery, DeliveryTry, Hook
from popschool.portal.rules_webhooks import Event
from popschool.projects.models import (
    Assignment,
    Submission,
    SubmissionFile,
    SubmissionOwner,
    SubmissionState,
    TeamMember,
)
from popschool.projects.models_help import HelpRequest
from popschool.projects.models_quizzes import QuizAttempt
from popschool.registers import services_outside
from popschool.registers.models import Record, SurveyAsked
from popschool.registers.models_outside import OutsideAsked
from popschool.reports import services_participants
from popschool.reports.models import Door, WholeFile
from popschool.reports.models import Question as Asked
from popschool.reports.models_evidence import EvidencePack, EvidencePiece
from popschool.reports.models_lists import ReportDue, ReportSchedule
from popschool.reports.models_participants import Operation
from popschool.reports.rules_lists import Listed
from popschool.reports.rules_participants import Moment
from popschool.reports.services_layouts import say_layout
from popschool.reports.tasks import make_evidence, make_whole_file, prepare_list
from popschool.schools import contact_notes
from popschool.schools.models import Accommodation, Enrolment, Person
from tests.factories import make_half_day
from tests.web import rounds
from tests.web.network import DAY, NOW, Network, at_its_day
from tests.web.pages import Html, filled, squeezed

PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(600)
LINK = re.compile(r"/i/([A-Za-z0-9]{16,})")
CARD = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")
SECRET = re.compile(r"(?:[A-Z2-7]{4} ){4,}[A-Z2-7]{1,4}")


class Hands:
    """One person at their pages, some minutes ago."""

    def __init__(self, network: Network, person_id: int, minutes_ago: int):
        self.network, self.person_id = network, person_id
        self.moment = NOW - timedelta(minutes=minutes_ago)

    def see(self, address: str) -> Html:
        with at_its_day(self.moment):
            return Html(self.network.client_of(self.person_id).get(address).text)

    def send(self, address: str, press: str = "", **given: object) -> str:
        """Fill in the form of a page that asks for what is given, and send it. Returns where it leads."""
        with at_its_day(self.moment):
            client = self.network.client_of(self.person_id)
            page = Html(client.get(address).text)
            posted = [one for one in page.main.iter("form") if one.get("method") == "post"]
            asks = [one for one in posted if given.keys() <= {field.get("name") for field in one.iter()}]
            assert asks, f"{address}: no form asks for {sorted(given)}: {squeezed(page.main)[:200]}"
            goal = (asks[0].get("action") or "").split("#")[0] or address
            answer = client.post(goal, data=filled(asks[0], press, **given))
        assert answer.status_code == 302, f"{goal}: {squeezed(Html(answer.text).main)[:600]}"
        return answer.location


def live(network: Network) -> None:
    """Let a morning go by."""
    facts = network.facts
    with network.app.app_context():
        _learn_more(facts)
    _work(network, facts)
    _try_a_quiz(network, facts)
    _ask_for_help(network, facts)
    _write_a_page(network, facts)
    _arrange(network, facts)
    _attend(network, facts)
    _be_away(network, facts)
    _close_a_week(network, facts)
    _issue_papers(network, facts)
    _open_doors(network, facts)
    _ask_participants(network, facts)
    _bring_evidence(network, facts)
    _send_lists(network, facts)
    _keep_registers(network, facts)
    _invite(network, facts)
    _propose(network, facts)
    _make_a_key(network, facts)
    _tell_a_program(network, facts)
    _let_a_service_in(network, facts)
    rounds.live(network)
    with network.app.app_context():
        _name_what_happened(facts)


def _learn_more(facts: SimpleNamespace) -> None:
    """Name the pair of the learner and another one, and let learners form the teams of the next project."""
    facts.deliverable, facts.other_deliverable = db.session.get(Assignment, facts.current.id).deliverables
    teams: dict[int, list[Person]] = {}
    for member in db.session.scalars(select(TeamMember).where(TeamMember.assignment_id == facts.current.id)):
        teams.setdefault(member.team_id, []).append(member.person)
    own = next(team for team in teams.values() if facts.learner.id in {person.id for person in team})
    facts.owners = [person.id for person in own]
    facts.mate = next(person for person in own if person.id != facts.learner.id)
    facts.other_owners = [person.id for person in next(team for team in teams.values() if team is not own)]
    db.session.get(Assignment, facts.coming.id).teams_by = "learners"
    db.session.commit()


def _hand_in(network: Network, person_id: int, text: str, minutes_ago: int) -> int:
    """Send text and a photo for the current work, and return the submission's id."""
    deliverable, hands = network.facts.deliverable.id, Hands(network, person_id, minutes_ago)
    hands.send(
        f"/deliverables/{deliverable}/submit",
        text=text,
        note="Le contraste suffit-il ?",
        files=(io.BytesIO(PHOTO), "croquis.png"),
    )
    return int(re.search(r"\d+", hands.send(f"/deliverables/{deliverable}/check"))[0])


def _work(network: Network, facts: SimpleNamespace) -> None:
    """The learner's pair sends two versions, and begins a third; another pair's work has just been validated."""
    trainer = facts.trainer.id
    first = _hand_in(network, facts.learner.id, "J'ai dessiné. J'ai demandé à une voisine.", 40)
    comment = "C'est bien parti. Dites ce que la voisine a dit."
    Hands(network, trainer, 20).send(f"/submissions/{first}/answer", comment=comment, decision="to_complete")
    waiting = _hand_in(network, facts.learner.id, "La voisine a tout rempli sans aide.", 10)
    address = f"/deliverables/{facts.deliverable.id}/submit"
    photo = (io.BytesIO(PHOTO), "essai.png")
    Hands(network, facts.learner.id, 1).send(address, "keep", text="Nous avons changé les étiquettes.", files=photo)
    other = f"/deliverables/{facts.other_deliverable.id}/submit"
    Hands(network, facts.learner.id, 1).send(other, "keep", note="Le dépôt vient demain.")
    sent = _hand_in(network, facts.other_owners[0], "Croquis et essai en pièce jointe.", 8)
    comment = "Tout marche. Bravo pour l'essai."
    Hands(network, trainer, 2).send(f"/submissions/{sent}/answer", comment=comment, decision="validated")
    address = f"/submissions/{waiting}/answer"
    Hands(network, facts.colleague.id, 3).send(address, "keep", comment="Les étiquettes sont claires.")
    Hands(network, facts.learners[3].id, 1).send(f"/assignments/{facts.coming.id}/team", "team")
    facts.first_version_id, facts.waiting_id, facts.fresh_id = first, waiting, sent


def _try_a_quiz(network: Network, facts: SimpleNamespace) -> None:
    """Two learners answer; the first of them tries twice."""
    for person, minutes_ago in ((facts.learner, 90), (facts.learners[3], 80), (facts.learner, 70)):
        hands = Hands(network, person.id, minutes_ago)
        numbers = [one.get("name") for one in hands.see(f"/quizzes/{facts.quiz.id}").main.iter("input")
                   if one.get("type") == "number"]  # fmt: skip
        order = {name: str(rank) for rank, name in enumerate(numbers, 1)}
        hands.send(f"/quizzes/{facts.quiz.id}", **order)


def _arrange(network: Network, facts: SimpleNamespace) -> None:
    """The manager arranges two days more for the learner; the trainer gives one; somebody finds a job."""
    manager, learner = facts.manager.id, facts.learner.id
    Hands(network, manager, 5).send(
        f"/people/{learner}/accommodations/new",
        deadline_days="2",
        extra_time_percent="33",
        format="Consignes en gros caractères",
        breaks="Dix minutes par heure",
    )
    Hands(network, learner, 5).send("/accessibility/report", what="Le bouton ne se voit pas.", where="Aujourd'hui")
    with network.app.app_context(), transaction():
        facts.barrier_id = db.session.scalars(select(Barrier.id)).one()
        words, by_id = "Une place près de la fenêtre.", facts.contact.id
        facts.note_id = contact_notes.write(facts.learner, facts.school.id, words, by_id, NOW).id
    due = (facts.current.due_at + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    Hands(network, facts.trainer.id, 5).send(
        f"/assignments/{facts.current.id}/extensions", person=str(learner), due_at=due, reason="Stage"
    )
    with network.app.app_context():
        facts.enrolment, facts.left = _enrolment(facts.learner), _enrolment(facts.leaver)
    left_on = (DAY - timedelta(days=3)).isoformat()
    Hands(network, manager, 4).send(
        f"/enrolments/{facts.left.id}/leave", left_on=left_on, reason="employment", note="Contrat de six mois"
    )


def _attend(network: Network, facts: SimpleNamespace) -> None:
    """One more person signs on paper; the manager adds a room, closes a day, and sends everybody to a company."""
    with network.app.app_context():
        half_days = list(
            db.session.scalars(
                select(HalfDay).where(HalfDay.cohort_id == facts.cohort.id).order_by(HalfDay.on, HalfDay.half)
            )
        )
        facts.half_day, facts.later = (one for one in half_days if one.on == DAY)
        facts.yesterday = next(one for one in half_days if one.on == DAY - timedelta(days=1))
        facts.monday = (DAY - timedelta(days=DAY.weekday())).isoformat()
        expected = set(db.session.scalars(select(Expected.person_id).where(Expected.half_day_id == facts.half_day.id)))
        signed = select(Entry.person_id).where(Entry.half_day_id == facts.half_day.id, Entry.kind == "signature")
        signed_ids = set(db.session.scalars(signed)) & expected
    missing = sorted(expected - signed_ids - {facts.learner.id, facts.leaver.id})
    facts.missing_id, on_paper = missing[0], missing[-1]
    scan = (io.BytesIO(PHOTO), "feuille.png")
    address = f"/half-days/{facts.half_day.id}/paper"
    Hands(network, facts.trainer.id, 1).send(address, scan=scan, person=str(on_paper))
    facts.signed_id = on_paper
    manager = Hands(network, facts.manager.id, 1)
    manager.send(f"/schools/{facts.school.id}/rooms", name="Atelier", capacity="12")
    holiday = {"starts_on": "2027-05-07", "ends_on": "2027-05-07"}
    manager.send(f"/schools/{facts.school.id}/closures", label="Pont", **holiday)
    away = {"starts_on": "2027-06-07", "ends_on": "2027-07-30"}
    manager.send(f"/cohorts/{facts.cohort.id}/company-periods", company="La boulangerie du canal", **away)
    with at_its_day(), network.app.app_context():
        facts.sign_link = signing_links.path_of(facts.half_day.id, facts.missing_id).rsplit("/", 1)[-1]


def _ask_for_help(network: Network, facts: SimpleNamespace) -> None:
    """The learner is stuck at a place of the project's page."""
    hands = Hands(network, facts.learner.id, 12)
    links = (one.get("href") for one in hands.see(f"/assignments/{facts.past.id}").main.iter("a"))
    address = next(link for link in links if link.startswith("/help/ask?"))
    facts.help_place = dict(parse_qsl(urlsplit(address).query))
    hands.send(address, words="Mon tableau n'a pas de lignes.")


def _write_a_page(network: Network, facts: SimpleNamespace) -> None:
    """The author saves a page in the browser, and begins to change it again."""
    hands, address = Hands(network, facts.author.id, 9), f"/sources/{facts.source.name}/write?path={facts.lesson_path}"
    page = hands.see(address)
    text = next(one.text for one in page.main.iter("textarea") if one.get("name") == "text")
    hands.send(
        address, text=f"{text}\nUne image a toujours un texte.\n", message="Dire à quoi sert le texte", do="save"
    )
    hands.send(address, text=f"{text}\nUn texte est court.\n", do="preview")
    hands.send(f"/sources/{facts.source.name}/previews", ref=facts.goal.commit)
    with network.app.app_context():
        facts.preview = db.session.scalars(select(Preview)).one()
        previewing.make(facts.preview.id, hands.moment)
        assert facts.preview.outcome == "ready", facts.preview.problems
        facts.preview_token = services_previews.token_of(facts.preview)


def _be_away(network: Network, facts: SimpleNamespace) -> None:
    """The learner explains an absence, disputes a half-day, follows a calendar, and signs a week in a company."""
    hands, trainer = Hands(network, facts.learner.id, 3), Hands(network, facts.manager.id, 4)
    day, paper = (DAY - timedelta(days=2)).isoformat(), (io.BytesIO(PHOTO), "papier.png")
    hands.send("/presence/absence", starts_on=day, ends_on=day, code="AJ-MAL", note="Rendez-vous", paper=paper)
    hands.send(f"/presence/{facts.yesterday.id}/dispute", text="J'étais là toute la matinée.")
    with at_its_day(hands.moment):
        client = network.client_of(facts.learner.id)
        assert client.post("/calendars", data={"kind": "own"}).status_code == 302
        facts.calendar = re.search(r"/calendars/([\w-]+)\.ics", client.get("/calendars").text)[1]
    trainer.send(
        f"/cohorts/{facts.cohort.id}/company-periods",
        person=str(facts.learner.id),
        starts_on=facts.monday,
        ends_on=(DAY + timedelta(days=9)).isoformat(),
        company="Le garage du port",
        tutor_name="Tutrice 01",
    )
    with network.app.app_context():
        facts.own_period = _last(select(CompanyPeriod), CompanyPeriod)
    address = f"/company/{facts.own_period.id}/weeks/{facts.monday}"
    with at_its_day(hands.moment):
        client = network.client_of(facts.learner.id)
        form = next(Html(client.get(address).text).main.iter("form"))
        said = client.post(address, data=filled(form), follow_redirects=True).text
    facts.tutor_link = re.search(r"/company/sign/([\w-]+)", said)[1]


def _close_a_week(network: Network, facts: SimpleNamespace) -> None:
    """The manager says what is missing of last week, and closes it; its paper is made."""
    facts.last_monday = (DAY - timedelta(days=DAY.weekday() + 7)).isoformat()
    address = f"/cohorts/{facts.cohort.id}/weeks/{facts.last_monday}/close"
    Hands(network, facts.manager.id, 2).send(address)
    with at_its_day(), network.app.app_context():
        facts.sheet = db.session.scalars(select(Sheet).where(Sheet.cohort_id == facts.cohort.id)).one()
        make_paper(facts.sheet.id)


def _issue_papers(network: Network, facts: SimpleNamespace) -> None:
    """The manager writes an agreement for the cohort, says who signs, and certifies the learner's first week."""
    manager, school = Hands(network, facts.manager.id, 2), facts.school.id
    manager.send(f"/schools/{school}/funders/new", kind="region", name="Région Normandie")
    manager.send(
        f"/schools/{school}/funding/new", agreement="2027-118", starts_on="2027-01-01", ends_on="2027-12-31",
        hours_agreed="15 120",
    )  # fmt: skip
    with network.app.app_context():
        facts.funding = _last(select(Funding), Funding)
    manager.send(f"/funding/{facts.funding.id}", cohort_id=str(facts.cohort.id), hours_agreed="630")
    names = {"first_name": "Claude", "last_name": "Martin", "quality": "directrice", "city": "Valenciennes"}
    manager.send(f"/schools/{school}/signatory", since="2027-01-01", **names)
    manager.send(f"/cohorts/{facts.cohort.id}/action", objectives="Réaliser une page web.", speciality="326")
    with at_its_day(), network.app.app_context():
        share = select(EnrolmentFunding).join(Enrolment, Enrolment.id == EnrolmentFunding.enrolment_id)
        own = EnrolmentFunding.funding_id == facts.funding.id, Enrolment.person_id == facts.learner.id
        facts.share = db.session.scalars(share.where(*own)).one()
    _tell_of_company(manager, facts)
    period = "first=2027-03-01&last=2027-03-07"
    manager.send(f"/enrolments/{facts.share.enrolment_id}/papers/attendance?{period}")
    manager.send(f"/cohorts/{facts.cohort.id}/exams/new", title="Session du titre", on=DAY.isoformat())
    with at_its_day(), network.app.app_context():
        facts.document = _last(select(Document), Document)
        draw_document(facts.document.id)
        client = network.client_of(facts.manager.id)
        assert client.post(f"/cohorts/{facts.cohort.id}/papers/attendance?{period}").status_code == 302
        facts.batch = db.session.scalars(select(DocumentBatch)).one()
        make_batch(facts.batch.id)
        facts.exam = _last(select(ExamSession), ExamSession)
        facts.questionnaire = Questionnaire(
            school_id=facts.school.id, cohort_id=facts.cohort.id, enrolment_id=facts.share.enrolment_id,
            person_id=facts.learner.id, moment="exit", due_on=DAY, messages=3,
            link_hash=own_link.hash_of(own_link.secret_of(facts.share.enrolment_id, "exit")),
            written_at=manager.moment - timedelta(days=9), created_at=manager.moment,
        )  # fmt: skip
        with transaction():
            db.session.add(facts.questionnaire)
        own_link.keep_draft(facts.questionnaire, Question.SITUATION, "looking", manager.moment)
        facts.own_link = own_link.link_of(facts.questionnaire)
        awarded = db.session.scalars(select(Award).where(Award.person_id == facts.learner.id)).first()
        facts.badge = services_badges.give_for_competence(
            db.session.get(Person, facts.learner.id), awarded.competence.key, facts.school.id, "https://pop.example",
            manager.moment,
        )  # fmt: skip


def _tell_of_company(manager: Hands, facts: SimpleNamespace) -> None:
    """The manager writes what the tutor told by phone, and a visit."""
    address = f"/enrolments/{facts.share.enrolment_id}/company/{facts.own_period.id}"
    manager.send(f"{address}/visit", on=facts.monday, met="Tutrice 01", tasks="Répond aux demandes de devis.")
    with manager.network.app.app_context():
        count = len(services_company.competences_of(facts.cohort.id))
    said = {f"mark_{place}": "helped" for place in range(1, count + 1)}
    manager.send(f"{address}/evaluation", **said, comment="Apprend vite.", tutor_name="Tutrice 01")
    with at_its_day(), manager.network.app.app_context():
        facts.evaluation_secret = services_company.secret_of(facts.own_period.id, facts.share.enrolment_id)


def _open_doors(network: Network, facts: SimpleNamespace) -> None:
    """The manager lets a funder in, by its account and by a link, and shuts another link; the funder asks something."""
    manager, funder = Hands(network, facts.manager.id, 4), str(facts.funding.funder_id)
    address, given = f"/schools/{facts.school.id}/doors/new", {"kind": "funder", "funder": funder}
    account = {"way": "account", "mail": "financeur01@example.org"}
    secrets = []
    facts.door_address = manager.send(address, for_whom="Région, formation", **account, **given)
    until = (DAY + timedelta(days=30)).isoformat()
    for name in ("Région, contrôle", "Région, ancien service"):
        key = manager.send(address, for_whom=name, way="link", ends_on=until, **given).split("#")[0]
        links = [one.get("href") for one in manager.see(key).main.iter("a")]
        secrets.append(next(link for link in links if "/d/" in link).rsplit("/", 1)[-1])
    manager.send(key)
    facts.door_secret, facts.closed_secret = secrets
    with network.app.app_context():
        facts.door = db.session.get(Door, int(re.search(r"/doors/(\d+)", facts.door_address)[1]))
        facts.link_door = db.session.scalars(select(Door).where(Door.for_whom == "Région, contrôle")).one()
    _audit(network, facts, manager, address)
    asked = f"/doors/{facts.door.id}/people/{facts.share.enrolment_id}"
    Hands(network, facts.door.person_id, 3).send(asked, text="Pourquoi manque-t-il une séance ?")
    with network.app.app_context():
        facts.question = db.session.scalars(select(Asked)).one()
    manager.send(f"/questions/{facts.question.id}", text="Elle sera signée demain.")


def _ask_participants(network: Network, facts: SimpleNamespace) -> None:
    """The manager counts the learner's payer in an operation, and the learner begins to answer."""
    manager = Hands(network, facts.manager.id, 2)
    address = manager.send(
        f"/schools/{facts.school.id}/operations/new",
        name="Insertion par le numérique",
        number="FSE-7",
        starts_on="2027-01-01",
        ends_on="2027-12-31",
        fundings=str(facts.funding.id),
    )
    facts.operation_id = int(re.search(r"/operations/(\d+)", address)[1])
    with network.app.app_context():
        own = db.session.get(Operation, facts.operation_id)
        form = services_participants.form_for(own, _owner(facts), Moment.ENTRY, NOW)
        for key, said in (("birth", "1998-03-27"), ("sex", "woman"), ("disability", "no")):
            services_participants.keep_draft(form, key, said, DAY)
        facts.participant_form, facts.participant_secret = form, services_participants.link_of(form)


def _bring_evidence(network: Network, facts: SimpleNamespace) -> None:
    """The manager brings a piece for Qualiopi, and has the archive of the year made."""
    manager, address = Hands(network, facts.manager.id, 1), f"/schools/{facts.school.id}/evidence/2027"
    photo = (io.BytesIO(PHOTO), "livret.png")
    manager.send(f"{address}/11", title="Grille d'évaluation", dated_on="2027-03-01", file=photo)
    manager.send(address)
    with network.app.app_context(), at_its_day(NOW):
        make_evidence(_last(select(EvidencePack), EvidencePack).id)
        facts.piece_id = _last(select(EvidencePiece), EvidencePiece).id


def _owner(facts: SimpleNamespace) -> int:
    return db.session.get(Enrolment, facts.share.enrolment_id).person_id


def _send_lists(network: Network, facts: SimpleNamespace) -> None:
    """The manager has two lists prepared: one is accepted, one waits; a third comes back. Columns are said."""
    manager, new = Hands(network, facts.manager.id, 3), f"/schools/{facts.school.id}/lists/new"
    week = {"first": "2027-03-01", "last": "2027-03-07", "agreement": str(facts.funding.id)}
    made = []
    for listed in ("hours", "invoice"):
        made.append(int(manager.send(new, listed=listed, **week).rsplit("/", 1)[-1]))
        with at_its_day(), network.app.app_context():
            prepare_list(made[-1])
    month = {"first": "2027-02-01", "last": "2027-02-28", "on": (DAY + timedelta(days=9)).isoformat()}
    manager.send(new, listed="hours", rhythm="monthly", agreement=str(facts.funding.id), **month)
    manager.send(f"/lists/{made[0]}")
    with network.app.app_context():
        columns = [("last_name", "Nom", "text"), ("hours", "Heures", "tenths")]
        say_layout(Listed.INVOICE, None, columns, db.session.get_one(Person, facts.manager.id), manager.moment)
        accepted, facts.waiting_list = (db.session.get(ReportDue, one) for one in made)
        facts.list_schedule_id = db.session.scalars(select(ReportSchedule.id)).first()
        facts.accepted_list, facts.list_document = accepted, db.session.get(Document, accepted.document_id)


def _keep_registers(network: Network, facts: SimpleNamespace) -> None:
    """The team talks with the learner, publishes the house rules and asks an opinion; the learner complains."""
    trainer, manager = Hands(network, facts.trainer.id, 4), Hands(network, facts.manager.id, 3)
    school, place = facts.school.id, facts.share.enrolment_id
    said = {"stage": "way", "said": "Le projet avance.", "decided": "Un point chaque lundi."}
    facts.interview_id = _number(trainer.send(f"/enrolments/{place}/records/interviews/new", **said))
    trainer.send(f"/records/{facts.interview_id}/correct", decided="Un point chaque mardi.", reason="le jour")
    found = {"means": "test", "result": "Bases acquises.", "decided": "Parcours entier."}
    trainer.send(f"/enrolments/{place}/records/positioning/new", **found)
    manager.send(f"/schools/{school}/house-rules", text="On prévient avant une absence.\n\nOn respecte chacun.")
    survey = manager.send(f"/schools/{school}/surveys/new", cohort=str(facts.cohort.id), title="À mi-parcours")
    facts.survey_id = _number(survey)
    contacts = "a.bel@example.org, Bel et fils\nb.roy@example.org, Roy SARL"
    companies = manager.send(f"/schools/{school}/surveys/outside", title="Bilan de l'année", contacts=contacts)
    facts.outside_survey_id = _number(companies)
    complaint = {"school": str(school), "who": "learner", "said": "La salle est froide.", "name": "Moi"}
    facts.complaint_secret = (
        Hands(network, facts.learner.id, 2).send("/complaints/new", **complaint).split("#")[0].rsplit("/", 1)[-1]
    )
    with network.app.app_context():
        asked = (SurveyAsked.survey_id == facts.survey_id, SurveyAsked.person_id == facts.learner.id)
        facts.asked_id = db.session.scalars(select(SurveyAsked.id).where(*asked)).one()
        outside = db.session.scalars(select(OutsideAsked).order_by(OutsideAsked.id)).first()
        facts.outside_asked_id, facts.outside_secret = outside.id, services_outside.secret_of(outside)
        complaints = select(Record.id).where(Record.kind == "complaints").order_by(Record.id.desc())
        facts.complaint_id = db.session.scalars(complaints).first()
    change = {"source": "complaint", "what": "Régler le chauffage.", "due_on": (DAY + timedelta(days=9)).isoformat()}
    origin = f"/schools/{school}/registers/improvements/new?origin={facts.complaint_id}"
    facts.improvement_id = _number(manager.send(origin, owner=str(facts.manager.id), **change))


def _number(address: str) -> int:
    return int(re.search(r"/(\d+)", address)[1])


def _audit(network: Network, facts: SimpleNamespace, manager: Hands, address: str) -> None:
    """An audit comes in by an account and by a link; the whole file of the learner is made for each, and for us."""
    days = {"covers_from": "2027-01-01", "covers_to": "2027-12-31", "ends_on": (DAY + timedelta(days=30)).isoformat()}
    key = manager.send(address, kind="auditor", way="link", for_whom="Contrôle FSE+", **days).split("#")[0]
    links = [one.get("href") for one in manager.see(key).main.iter("a")]
    facts.audit_secret = next(link for link in links if "/d/" in link).rsplit("/", 1)[-1]
    with network.app.app_context():
        facts.audit_door = db.session.scalars(select(Door).where(Door.for_whom == "Auditrice 01")).one()
    place = facts.share.enrolment_id
    manager.send(f"/enrolments/{place}/whole-file")
    Hands(network, facts.audit_door.person_id, 2).send(f"/doors/{facts.audit_door.id}/people/{place}/file")
    with at_its_day(manager.moment):
        answer = network.app.test_client().post(f"/d/{facts.audit_secret}/people/{place}/file")
        assert answer.status_code == 302
    with at_its_day(), network.app.app_context():
        for made in db.session.scalars(select(WholeFile.id)).all():
            make_whole_file(made)


def _enrolment(person: Person) -> Enrolment:
    query = select(Enrolment).where(Enrolment.person_id == person.id).order_by(Enrolment.id)
    return db.session.scalars(query.limit(1)).one()


def _invite(network: Network, facts: SimpleNamespace) -> None:
    """A newcomer has a mail and a card; older invitations are dead; a colleague uses a second factor."""
    manager = facts.manager.id
    newcomer = _enrol(network, facts, "99", 6)
    facts.dead_link = _invitation(network, facts, newcomer, 5)
    facts.link = _invitation(network, facts, newcomer, 2)
    hands = Hands(network, manager, 2)
    hands.send(f"/people/{newcomer}/card")
    facts.card = next(found[0] for found in map(CARD.fullmatch, _words(hands.see(f"/people/{newcomer}/card"))) if found)
    facts.old_link = _invitation(network, facts, _enrol(network, facts, "98", 6), 60 * 24 * 60)
    hands = Hands(network, facts.colleague.id, 20)
    with at_its_day(hands.moment):
        client = network.client_of(facts.colleague.id)
        shown = squeezed(Html(client.get("/account/second").text).main)
        secret = SECRET.search(shown)[0].replace(" ", "")
        answer = client.post("/account/second", data={"code": pyotp.TOTP(secret).at(hands.moment)})
        assert answer.location == "/account/second/codes"
    with network.app.app_context():
        facts.newcomer = db.session.get(Person, newcomer)


def _propose(network: Network, facts: SimpleNamespace) -> None:
    """The manager proposes another one, whom somebody else confirms."""
    address = f"/schools/{facts.school.id}/staff/invite"
    names = {"first_name": "Responsable 02", "last_name": facts.school.code, "handle": "direction02@example.org"}
    Hands(network, facts.manager.id, 2).send(address, role="school_manager", **names)
    with network.app.app_context():
        facts.right = _last(select(Proposal), Proposal)
        signed = select(Entry.id).where(
            Entry.half_day_id == HalfDay.id, Entry.person_id == facts.learner.id, Entry.kind == "signature"
        )
        past = select(HalfDay).join(Expected, Expected.half_day_id == HalfDay.id).where(
            Expected.person_id == facts.learner.id, Expected.expectation == "expected",
            HalfDay.on < DAY - timedelta(days=2),
        )  # fmt: skip
        missed = past.where(~signed.exists()).order_by(HalfDay.id.desc()).limit(1)
        facts.missed = db.session.scalars(missed).first() or _missed_on_a_saturday(facts)


def _missed_on_a_saturday(facts: SimpleNamespace) -> HalfDay:
    """Open a half-day that no learner signed: in a small network this one may have signed them all."""
    day = DAY - timedelta(days=DAY.isoweekday() + 1)
    missed = make_half_day(facts.cohort, facts.trainer, on=day)
    db.session.commit()
    open_half_day(missed, facts.trainer.id, demo_plan.at(day, 9, 0))
    missed.countersigned_at = demo_plan.at(day, 12, 30)  # nothing more is waited for, as elsewhere
    db.session.commit()
    return missed


def _make_a_key(network: Network, facts: SimpleNamespace) -> None:
    """The trainer makes a key for a program of the school."""
    Hands(network, facts.trainer.id, 3).send("/account/keys", name="Affichage de l'accueil", scopes="schools:read")
    with network.app.app_context():
        facts.key = _last(select(ApiKey), ApiKey)


def _tell_a_program(network: Network, facts: SimpleNamespace) -> None:
    """The manager lets a program be told what happens; it answered that it cannot take the last document."""
    manager = Hands(network, facts.manager.id, 2)
    manager.send(
        f"/schools/{facts.school.id}/hooks", url="https://93.184.215.14/popschool", events="document.issued"
    )  # fmt: skip
    with at_its_day(), network.app.app_context():
        facts.hook = _last(select(Hook), Hook)
        happened = facts.hook.created_at
        services_webhooks.spread(facts.school.id, Event.DOCUMENT, facts.document.id, happened, {}, NOW)
        facts.delivery = _last(select(Delivery), Delivery)
        with transaction():
            facts.delivery.outcome, facts.delivery.attempts, facts.delivery.next_at = "failed", 9, None
            db.session.add(DeliveryTry(delivery_id=facts.delivery.id, at=NOW, status=500, error="", milliseconds=120))


def _let_a_service_in(network: Network, facts: SimpleNamespace) -> None:
    """People of the school may come in by a service, which does not answer this morning."""
    with network.app.app_context(), transaction():
        db.session.add(
            IdentityProvider(
                school_id=facts.school.id, name="le compte de l'école", issuer="https://127.0.0.1:9",
                client_id="popschool", secret="secret", domains=["example.org"], proves_twice=False, changed_at=NOW,
            )
        )  # fmt: skip


def _words(page: Html) -> list[str]:
    """Return the text of each element of a page."""
    return [squeezed(one) for one in page.main.iter()]


def _enrol(network: Network, facts: SimpleNamespace, number: str, minutes_ago: int) -> int:
    """Add somebody to the cohort, and return their id."""
    mail = f"apprenant{number}@example.org"
    Hands(network, facts.manager.id, minutes_ago).send(
        f"/cohorts/{facts.cohort.id}/people/new",
        first_name=f"Apprenante {number}",
        last_name=f"{number} VAL-2027-1",
        mail=mail,
        number=f"VAL202710{number}",
    )
    with network.app.app_context():
        return db.session.scalars(select(Person.id).where(Person.mail == mail)).one()


def _invitation(network: Network, facts: SimpleNamespace, person_id: int, minutes_ago: int) -> str:
    """Invite somebody by mail, and return the secret of the link that they receive."""
    hands = Hands(network, facts.manager.id, minutes_ago)
    hands.send(f"/people/{person_id}/invite", channel="mail")
    links = [one.get("href") for one in hands.see("/messages/sent").main.iter("a")]
    return next(found[1] for found in map(LINK.search, links) if found)


def _name_what_happened(facts: SimpleNamespace) -> None:
    facts.first_version = db.session.get(Submission, facts.first_version_id)
    facts.waiting = db.session.get(Submission, facts.waiting_id)
    facts.file = _last(select(SubmissionFile).where(SubmissionFile.submission_id == facts.waiting_id), SubmissionFile)
    facts.fresh = _last(select(Feedback).where(Feedback.submission_id == facts.fresh_id), Feedback)
    facts.accommodation = _last(select(Accommodation).where(Accommodation.person_id == facts.learner.id), Accommodation)
    facts.attempt = _last(select(QuizAttempt).where(QuizAttempt.person_id == facts.learner.id), QuizAttempt)
    facts.asked = _last(select(HelpRequest).where(HelpRequest.person_id == facts.learner.id), HelpRequest)
    facts.save = _last(select(PageSave).where(PageSave.source_id == facts.source.id), PageSave)
    facts.excuse = _last(select(Excuse).where(Excuse.person_id == facts.learner.id), Excuse)
    facts.dispute = _last(select(Dispute).where(Dispute.person_id == facts.learner.id), Dispute)
    facts.feed = _last(select(CalendarFeed).where(CalendarFeed.owner_id == facts.learner.id), CalendarFeed)
    facts.scan = _last(select(PaperScan).where(PaperScan.half_day_id == facts.half_day.id), PaperScan)
    facts.room = _last(select(Room).where(Room.school_id == facts.school.id), Room)
    facts.closure = _last(select(Closure).where(Closure.school_id == facts.school.id), Closure)
    for_all = select(CompanyPeriod).where(CompanyPeriod.cohort_id == facts.cohort.id, CompanyPeriod.person_id.is_(None))
    facts.company_period = _last(for_all, CompanyPeriod)
    answered = select(SubmissionState.submission_id).where(SubmissionState.feedback_id.is_not(None))
    facts.answered = db.session.scalars(
        select(Submission)
        .join(SubmissionOwner, SubmissionOwner.submission_id == Submission.id)
        .where(SubmissionOwner.person_id == facts.learner.id, Submission.id.in_(answered))
        .order_by(Submission.id)
        .limit(1)
    ).one()


def _last(query, table):
    return db.session.scalars(query.order_by(table.id.desc()).limit(1)).one()
