"""One example, at least, of each route: where it is, who visits it, what it may cost.

A new route brings its example here: `page(…)` for what is read, `sent(…)` for what is only posted. Without one, with a
kind or a visitor that has no budget, `test_routes.py` fails. Permissions, queries, weight, HTML, reading ease and the
browser's matrix are then tried on it without a line more.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

from flask.testing import FlaskClient

from popschool import clock
from popschool.portal import services_retention
from popschool.portal.demo import PASSWORD
from popschool.schools.rules import Place
from popschool.web.assets import gathered

NOBODY = "nobody signed in"
LEARNER = "learner of the cohort"
TRAINER, COLLEAGUE = "trainer of the cohort", "colleague of the trainer"
MANAGER, NETWORK, AUTHOR = "school manager", "network manager", "author"
LEFT, FUNDER, AUDITOR, CONTACT = "learner who left", "funder", "auditor", "disability contact"

# Most bytes of HTML, gzip level 6, for each kind of page. "file" and "way" are no pages: a download, a redirection.
WEIGHTS = {
    "sign-in": 4_000, "home": 8_000, "signature": 5_000, "project": 12_000, "step": 6_000, "review": 10_000,
    "plain": 5_000, "queue": 14_000, "correction": 14_000, "sheet": 25_000, "editor": 16_000, "dashboard": 18_000,
    "report": 25_000, "list": 20_000, "file": None, "way": None,
}  # fmt: skip
# Most SQL statements of a page, for each visitor.
QUERIES = {NOBODY: 6, LEARNER: 6, LEFT: 6, TRAINER: 8, COLLEAGUE: 8, MANAGER: 8, NETWORK: 8, AUTHOR: 8, FUNDER: 8,
           AUDITOR: 8, CONTACT: 8}  # fmt: skip
# A paper says what each feature knows of a path: 9, and 3 more with its levels and the motives that a funder refuses.
GATHERED = 12
# A file with people's data is written down: who took it, whom it is about, the last line of the chain and the next.
NOTED = 4
# Public figures come from four registers; a shared answer is kept for an hour.
PUBLISHED = 10
NOWHERE = Place()


@dataclass(frozen=True)
class Example:
    """One visit. `place` is where the thing stands; `arrange` is what the browser did just before.

    `answers` is what its visitor gets; `also` what others who are allowed may get, being in another state.
    """

    endpoint: str
    visitor: str
    kind: str
    place: Place = NOWHERE
    params: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    of: str = ""
    answers: int = 200
    also: tuple[int, ...] = ()
    most: int | None = None
    form: dict[str, str] | None = None
    arrange: Callable[[FlaskClient], None] | None = None

    @property
    def name(self) -> str:
        return f"{self.endpoint}, {self.of}" if self.of else self.endpoint

    @property
    def queries(self) -> int:
        """The most statements that it may send: its visitor's, unless the example says its own."""
        most = QUERIES[self.visitor] if self.most is None else self.most
        return most + NOTED if self.kind == "file" else most

    @property
    def is_page(self) -> bool:
        """Say whether this visit shows HTML."""
        return self.form is None and self.kind not in ("file", "way")

    @property
    def is_for_learners(self) -> bool:
        return self.visitor in (NOBODY, LEARNER, LEFT)


def page(
    endpoint: str, visitor: str, kind: str, place: Place = NOWHERE, /, *, of: str = "", answers: int = 200,
    also: tuple[int, ...] = (), most: int | None = None, query: dict | None = None,
    arrange: Callable[[FlaskClient], None] | None = None, **params: Any,
) -> Example:  # fmt: skip
    """Return a page that is read."""
    return Example(endpoint, visitor, kind, place, params, query or {}, of, answers, also, most, None, arrange)


def sent(
    endpoint: str, visitor: str, place: Place = NOWHERE, /, *, form: dict | None = None, answers: int = 302,
    also: tuple[int, ...] = (), **params: Any,
) -> Example:  # fmt: skip
    """Return a visit to a route that is only posted to: the form it is tried with, and a redirection as its answer."""
    return Example(endpoint, visitor, "way", place, params, {}, "", answers, also, None, form or {})


def examples(facts: SimpleNamespace | MagicMock) -> list[Example]:
    """Return every example, with the facts of one network."""
    parts = (
        _shell, _signing_in, _account, _schools, _people, _invitations, _courses, _work, _teams, _quizzes, _help,
        _reviews, _rounds, _answers, _signing, _absences, _company, _half_days, _sheets, _timetables,
        _papers, _reports, _afterwards, _registers, _boards, _doors, _operations, _declared, _portal, _keys,
        _hooks, _api,
        _public,
    )  # fmt: skip
    return [example for part in parts for example in part(facts)]


def names_of(wanted: Callable[[Example], bool] = lambda example: True) -> list[str]:
    """Return the names of the examples wanted, which are the same in every network: to parametrize tests with."""
    return [example.name for example in examples(MagicMock()) if wanted(example)]


def _cohort(facts: SimpleNamespace) -> Place:
    return Place.of(school=facts.school.id, cohort=facts.cohort.id)


def _learner(facts: SimpleNamespace) -> Place:
    return Place.of(school=facts.school.id, cohort=facts.cohort.id, people=[facts.learner.id])


def _pair(facts: SimpleNamespace) -> Place:
    return Place.of(school=facts.school.id, cohort=facts.cohort.id, people=facts.owners)


def _posting(address: str, **form: str) -> Callable[[FlaskClient], None]:
    """Return an arrangement: this form was just sent."""

    def arrange(client: FlaskClient) -> None:
        answer = client.post(address, data=form)
        assert answer.status_code == 302, f"{address} was refused: {answer.status_code}"

    return arrange


def _night(client: FlaskClient) -> None:
    """Let the night of retention go by."""
    with client.application.app_context():
        services_retention.run(clock.now(), clock.today())


def _shell(facts: SimpleNamespace) -> Iterator[Example]:
    yield page("web.help_page", NOBODY, "plain")
    yield page("web.help_page", LEARNER, "plain", of="signed in")
    yield page("web.site_map", LEARNER, "plain")
    yield page("web.comfort_page", LEARNER, "plain")
    yield page("web.comfort_page", NOBODY, "plain", of="in English", query={"language": "en"})
    yield page("web.accessibility", NOBODY, "plain")
    yield page("web.accessibility", LEARNER, "plain", of="signed in")
    yield page("web.accessibility_grid", AUDITOR, "report")
    yield page("web.phone", LEARNER, "plain")
    yield page("web.phone", NOBODY, "plain", of="nobody")
    yield page("web.service_worker", NOBODY, "file")
    yield page("web.manifest", NOBODY, "file")
    yield page("web.asset", NOBODY, "file", name=gathered()["style.css"].name)
    yield page("server.healthz", NOBODY, "file")
    yield page("server.readyz", NOBODY, "file")
    yield page("metrics.metrics", NOBODY, "file", answers=404)


def _signing_in(facts: SimpleNamespace) -> Iterator[Example]:
    mail, number = facts.learner.mail, facts.newcomer.learner_number
    second = _posting("/sign-in/password", handle=facts.colleague.mail, password=PASSWORD)
    yield page("auth.sign_in", NOBODY, "sign-in", also=(302,))
    yield page("auth.sign_in_password", NOBODY, "sign-in")
    yield page("auth.sign_in_code", NOBODY, "sign-in", arrange=_posting("/sign-in", handle=mail))
    yield page("auth.sign_in_number", NOBODY, "sign-in", arrange=_posting("/sign-in", handle=number))
    yield page("auth.sign_in_second", NOBODY, "sign-in", arrange=second)
    yield page("auth.sign_in_passkey", NOBODY, "sign-in")
    yield page("auth.sign_in_with", NOBODY, "sign-in", answers=424, also=(302,), school_id=facts.school.id)
    yield page("auth.came_back", NOBODY, "sign-in", answers=403, school_id=facts.school.id)
    yield page("auth.forgotten", NOBODY, "sign-in")
    yield page("auth.card", NOBODY, "sign-in")
    yield page("auth.card_password", NOBODY, "sign-in", arrange=_posting("/card", number=number, code=facts.card))
    yield page("auth.join", NOBODY, "sign-in", token=facts.link)
    yield page("auth.join", NOBODY, "sign-in", of="dead", answers=410, token=facts.dead_link)
    yield page("auth.join", NOBODY, "sign-in", of="too old", answers=410, token=facts.old_link)
    yield sent("auth.join_again", NOBODY, token=facts.old_link)
    yield page("auth.sign_out", LEARNER, "sign-in")
    yield sent("auth.sign_out_everywhere", LEARNER)


def _account(facts: SimpleNamespace) -> Iterator[Example]:
    new_codes = _posting("/account/second/codes/new", current=PASSWORD)
    yield page("auth.account", LEARNER, "step")
    yield page("auth.account", TRAINER, "step", of="of a trainer")
    yield page("auth.password", LEARNER, "step")
    yield page("auth.second", TRAINER, "step")
    yield page("auth.second", COLLEAGUE, "step", of="in use")
    yield page("auth.recovery_codes", COLLEAGUE, "step", arrange=new_codes)
    yield page("auth.recovery_codes_file", COLLEAGUE, "file", arrange=new_codes)
    yield page("auth.new_recovery_codes", COLLEAGUE, "step", also=(302,))
    yield page("auth.stop_second", COLLEAGUE, "step", also=(302,))
    yield page(
        "auth.devices",
        LEARNER,
        "list",
        arrange=_posting("/sign-in/password", handle=facts.learner.mail, password=PASSWORD),
    )
    yield sent("auth.end_device", LEARNER, answers=404, session_id=0)
    yield page("auth.prove", MANAGER, "step")
    yield page("auth.own_passkeys", TRAINER, "step")
    yield sent("auth.end_passkey", TRAINER, answers=404, passkey_id=0)
    yield page("messages.mine", LEARNER, "list")
    yield sent("messages.read", LEARNER)
    yield page("messages.choices", LEARNER, "list")
    yield page("messages.kept", MANAGER, "list")


def _schools(facts: SimpleNamespace) -> Iterator[Example]:
    school, cohort = facts.school.place, _cohort(facts)
    here, there = {"school_id": facts.school.id}, {"cohort_id": facts.cohort.id}
    yield page("schools.network", NETWORK, "dashboard")
    yield page("schools.network_papers", NETWORK, "step")
    yield page("schools.open_school", NETWORK, "step")
    yield page("schools.edit_school", NETWORK, "step", school, **here)
    yield page("schools.school", MANAGER, "dashboard", school, **here)
    yield page("portal.open_cohort", MANAGER, "step", school, **here)
    yield page("schools.cohorts", TRAINER, "list")
    yield page("schools.cohort", TRAINER, "list", cohort, **there)
    yield page("schools.cohort", MANAGER, "list", cohort, of="for its manager", **there)
    yield page("schools.edit_cohort", MANAGER, "step", cohort, **there)
    yield page("schools.archive_cohort", MANAGER, "step", cohort, **there)
    yield page("schools.reopen_cohort", MANAGER, "step", cohort, **there)
    yield page("auth.post_trainer", MANAGER, "step", cohort, **there)
    yield page("schools.end_posting", MANAGER, "step", cohort, posting_id=facts.posting.id)
    yield page("schools.enrol_new", MANAGER, "step", cohort, **there)
    second = Place.of(school=facts.school.id, cohort=facts.second_cohort.id)
    yield page(
        "schools.enrol_known", MANAGER, "step", second, cohort_id=facts.second_cohort.id, person_id=facts.learner.id
    )
    yield page("schools.import_roster", MANAGER, "step", cohort, **there)
    yield page("schools.roster_template", MANAGER, "file", cohort, **there)
    yield page("schools.leave", MANAGER, "step", _learner(facts), enrolment_id=facts.enrolment.id)
    left = Place.of(school=facts.school.id, cohort=facts.cohort.id, people=[facts.leaver.id])
    yield page("schools.leave", MANAGER, "step", left, of="corrected", enrolment_id=facts.left.id)
    yield page("schools.edit_place", MANAGER, "step", _learner(facts), enrolment_id=facts.enrolment.id)
    yield page("schools.choose_cohort", MANAGER, "list", _learner(facts), person_id=facts.learner.id)
    yield page("schools.move", MANAGER, "step", _learner(facts), enrolment_id=facts.enrolment.id)


def _people(facts: SimpleNamespace) -> Iterator[Example]:
    learner, one = _learner(facts), {"person_id": facts.learner.id}
    yield page("schools.people", TRAINER, "list")
    yield page("schools.people", MANAGER, "list", of="found", query={"q": "apprenant"})
    yield page("schools.person", TRAINER, "list", learner, **one)
    yield page("schools.person", LEARNER, "list", learner, of="oneself", **one)
    yield page("schools.person", MANAGER, "list", learner, of="for a manager", **one)
    yield page("schools.edit_person", MANAGER, "step", learner, **one)
    yield page("schools.arrange", MANAGER, "step", learner, **one)
    yield page("schools.accommodations", CONTACT, "list", facts.school.place, school_id=facts.school.id)
    query = {"q": "apprenant"}
    yield page("schools.accommodations", CONTACT, "list", facts.school.place, of="found", query=query, most=10,
               school_id=facts.school.id)  # fmt: skip
    yield page("schools.notes", CONTACT, "step", learner, most=9, **one)
    yield page("schools.erase_note", CONTACT, "step", facts.school.place, note_id=facts.note_id)
    yield page("portal.barriers", CONTACT, "list")
    reported = Place.of(school=facts.school.id, people=[facts.learner.id])
    yield page("portal.answer_barrier", CONTACT, "step", reported, barrier_id=facts.barrier_id)
    yield page("schools.own_accommodations", CONTACT, "way", answers=302, also=(404,))
    yield sent("schools.let_follow", LEARNER, form={"follows": "1"})
    yield page("schools.end_accommodation", MANAGER, "step", learner, accommodation_id=facts.accommodation.id)
    yield page("portal.file", TRAINER, "list", learner, **one)
    yield page("portal.readers", LEARNER, "list", learner, **one)
    yield page("portal.readers", MANAGER, "list", learner, of="for a manager", **one)
    yield page("portal.network_log", NETWORK, "list")
    yield page("portal.processing", LEARNER, "list")
    yield page("portal.barrier", LEARNER, "step")
    yield page("portal.correction", LEARNER, "step")
    yield page("portal.erasure", LEARNER, "step", most=7)  # what goes and what stays, kind by kind
    yield page("portal.retention", MANAGER, "list", arrange=_night)
    yield page("portal.own_data", LEARNER, "step", arrange=_posting("/account/data"))
    yield page("portal.take_data", LEARNER, "file", answers=404, copy_id=0)
    school, filtered = facts.school.place, {"kind": "people", "q": "apprenant", "since": "2027-01-01"}
    yield page("portal.school_log", MANAGER, "list", school, query=filtered, school_id=facts.school.id)
    yield page("portal.school_log_table", MANAGER, "file", school, kind="ods", school_id=facts.school.id)
    yield page("auth.close_account", MANAGER, "step", learner, **one)
    colleague = Place.of(school=facts.school.id, people=[facts.colleague.id])
    yield page("auth.stop_second_of", MANAGER, "step", colleague, person_id=facts.colleague.id)


def _invitations(facts: SimpleNamespace) -> Iterator[Example]:
    school, cohort, learner = facts.school.place, _cohort(facts), _learner(facts)
    yield page("auth.school_staff", MANAGER, "list", school, school_id=facts.school.id)
    yield page("auth.invite_school_staff", MANAGER, "step", school, school_id=facts.school.id)
    yield page("auth.end_role", MANAGER, "step", school, grant_id=facts.grant.id)
    yield page("auth.network_staff", NETWORK, "list")
    yield page("auth.decisions", MANAGER, "list")
    yield page("auth.decisions", LEARNER, "list", of="of a learner")
    right = Place.of(school=facts.school.id, people=[facts.right.by_id, facts.right.person_id])
    yield page("auth.decision", NETWORK, "step", right, proposal_id=facts.right.id)
    yield page("auth.decision", MANAGER, "step", right, of="one's own", proposal_id=facts.right.id)
    yield page("auth.invite_network_staff", NETWORK, "step")
    yield page("auth.invite_person", MANAGER, "step", learner, person_id=facts.learner.id)
    newcomer = Place.of(school=facts.school.id, cohort=facts.cohort.id, people=[facts.newcomer.id])
    yield page("auth.print_card", TRAINER, "step", learner, person_id=facts.learner.id)
    yield page("auth.print_card", MANAGER, "step", newcomer, of="to print", person_id=facts.newcomer.id)
    yield page("auth.cohort_invitations", MANAGER, "list", cohort, cohort_id=facts.cohort.id)
    yield page("auth.cohort_cards", MANAGER, "list", cohort, cohort_id=facts.cohort.id)


def _courses(facts: SimpleNamespace) -> Iterator[Example]:
    readers = Place(cohorts=frozenset(facts.readers))
    brief = {"source": facts.source.name, "project": facts.project_key}
    yield page("courses.sources", AUTHOR, "dashboard")
    yield page("courses.add", AUTHOR, "editor")
    yield page("courses.source", AUTHOR, "editor", name=facts.source.name)
    yield page("courses.source", AUTHOR, "editor", of="published", name=facts.plain_source.name)
    yield page("courses.search", LEARNER, "list", query={"q": "tableau"})
    yield page("courses.search", LEARNER, "list", of="before a question")
    yield page("courses.words", LEARNER, "list")
    yield page("courses.words", LEARNER, "list", of="not there", query={"q": "zzz"})
    yield page("courses.files", AUTHOR, "list", name=facts.source.name)
    yield page("courses.write", AUTHOR, "editor", query={"path": facts.lesson_path}, name=facts.source.name)
    looked_at = {"path": facts.lesson_path, "preview": 1}
    yield page("courses.write", AUTHOR, "editor", of="looked at", query=looked_at, name=facts.source.name)
    yield page("courses.saved", AUTHOR, "plain", name=facts.source.name, save_id=facts.save.id)
    yield page("courses.patch", AUTHOR, "file", name=facts.source.name, save_id=facts.save.id)
    yield sent("courses.check_every", AUTHOR, form={"minutes": "60"}, name=facts.source.name)
    yield page("courses.runs", AUTHOR, "list", name=facts.source.name)
    yield page("courses.run", AUTHOR, "editor", name=facts.source.name, run_id=facts.run.id)
    yield sent("courses.sync", AUTHOR, name=facts.source.name)
    source = {"name": facts.source.name}
    yield page("courses.webhook", AUTHOR, "editor", **source)
    yield page("courses.edit", AUTHOR, "editor", **source)
    yield sent("courses.hear", NOBODY, answers=403, **source)
    yield page("courses.previews", AUTHOR, "editor", **source)
    yield sent("courses.revoke_preview", AUTHOR, preview_id=facts.preview.id, **source)
    looked = {"token": facts.preview_token}
    yield page("courses.preview", NOBODY, "project", **looked)
    yield page("courses.preview_page", NOBODY, "project", project=facts.project_key, **looked)
    lesson = {"project": facts.lesson_key.split("/")[0], "name": facts.lesson_key.split("/")[1]}
    yield page("courses.preview_page", NOBODY, "project", of="a lesson", **lesson, **looked)
    between = {"from": 1, "to": facts.goal.number}
    yield page("courses.changes", AUTHOR, "list", query=between, **source)
    yield page("courses.page_changes", AUTHOR, "project", query=between, page_id=facts.brief.id, **source)
    yield page("courses.project_changes", AUTHOR, "project", query=between, project_id=facts.project, **source)
    yield page("courses.home", AUTHOR, "way", answers=302, source=facts.source.name)
    yield page("courses.programmes", AUTHOR, "list", name=facts.source.name, number=facts.goal.number)
    yield page("courses.brief", LEARNER, "project", readers, **brief)
    yield page("courses.brief", LEARNER, "project", readers, of="simple", query={"version": "simple"}, **brief)
    yield page("courses.brief", AUTHOR, "project", readers, of="for its author", **brief)
    yield page("courses.page", LEARNER, "project", readers, page_id=facts.lesson.id)
    yield page("courses.starter", LEARNER, "file", readers, project_id=facts.project)
    yield page("courses.media", NOBODY, "file", name=facts.image.hash, extension="png")


def _work(facts: SimpleNamespace) -> Iterator[Example]:
    cohort, there, one = _cohort(facts), {"cohort_id": facts.cohort.id}, {"assignment_id": facts.current.id}
    yield page("projects.cohort_assignments", TRAINER, "list", cohort, **there)
    yield page("projects.set_assignment", TRAINER, "step", cohort, **there)
    yield page("projects.edit_assignment", TRAINER, "step", cohort, **one)
    yield page("projects.extensions", TRAINER, "step", cohort, **one)
    yield page("projects.move_revision", TRAINER, "step", cohort, **there)
    yield page(
        "projects.move_revision", TRAINER, "list", cohort, of="looked at", query={"to": facts.goal.number}, **there
    )
    yield page("projects.mine", LEARNER, "list")
    yield page("projects.mine", LEFT, "list", of="once gone")
    yield page("projects.assignment", LEARNER, "project", cohort, **one)
    yield page("projects.assignment", TRAINER, "project", cohort, of="for a trainer", **one)
    yield page("projects.assignment", LEARNER, "project", cohort, of="answered", assignment_id=facts.past.id)
    yield page(
        "projects.assignment", LEARNER, "project", cohort, of="simple", query={"version": "simple"},
        assignment_id=facts.past.id,
    )  # fmt: skip
    yield page("projects.submit", LEARNER, "step", cohort, deliverable_id=facts.deliverable.id)
    yield page("projects.submit", LEARNER, "step", cohort, of="either", deliverable_id=facts.other_deliverable.id)
    yield page("projects.check", LEARNER, "step", cohort, deliverable_id=facts.deliverable.id)
    pair, version = _pair(facts), {"submission_id": facts.waiting.id}
    yield page("projects.receipt", LEARNER, "step", pair, **version)
    yield page("projects.submission", LEARNER, "step", pair, **version)
    yield page("projects.submission", TRAINER, "step", pair, of="for a trainer", **version)
    yield sent("projects.choose", LEARNER, pair, submission_id=facts.first_version.id)
    yield page("projects.project_as_read", LEARNER, "project", pair, **version)
    yield page("projects.file", LEARNER, "file", pair, file_id=facts.file.id, **version)


def _teams(facts: SimpleNamespace) -> Iterator[Example]:
    cohort = _cohort(facts)
    yield page("projects.teams", TRAINER, "list", cohort, assignment_id=facts.current.id)
    yield page("projects.my_team", LEARNER, "step", cohort, assignment_id=facts.coming.id)


def _quizzes(facts: SimpleNamespace) -> Iterator[Example]:
    readers, cohort, one = Place(cohorts=frozenset(facts.readers)), _cohort(facts), {"page_id": facts.quiz.id}
    yield page("projects.quiz", LEARNER, "project", readers, **one)
    yield page("projects.quiz", AUTHOR, "project", readers, of="for its author", **one)
    yield page("projects.quiz_attempt", LEARNER, "project", _learner(facts), attempt_id=facts.attempt.id)
    yield page("projects.quiz_attempt", TRAINER, "project", _learner(facts), of="read", attempt_id=facts.attempt.id)
    yield page("projects.cohort_quizzes", TRAINER, "list", cohort, cohort_id=facts.cohort.id)
    yield page("projects.quiz_results", TRAINER, "list", cohort, cohort_id=facts.cohort.id, **one)


def _help(facts: SimpleNamespace) -> Iterator[Example]:
    readers, learner, one = Place(cohorts=frozenset(facts.readers)), _learner(facts), {"request_id": facts.asked.id}
    yield page("projects.ask_help", LEARNER, "step", readers, query=facts.help_place)
    yield page("projects.help_request", LEARNER, "step", learner, **one)
    yield page("projects.help_request", TRAINER, "step", learner, of="for a trainer", **one)
    yield page("projects.help_queue", TRAINER, "queue")
    yield page("projects.answer_help", TRAINER, "step", learner, **one)
    yield sent("projects.take_help", TRAINER, learner, do="take", **one)
    yield sent("projects.found_help", LEARNER, learner, **one)
    yield sent("projects.keep_ticks", LEARNER, readers, page_id=facts.brief.id)


def _reviews(facts: SimpleNamespace) -> Iterator[Example]:
    oneself = Place.of(school=facts.school.id, people=[facts.learner.id])
    begun = {"key": facts.begun_key}
    done, own = {"key": facts.sent_key}, {"key": facts.reviewed_key}
    yield page("review.mine", LEARNER, "review")
    yield sent("review.next_review", LEARNER, also=(404,), round_id=facts.round_id)
    yield sent("review.offer_more", LEARNER, also=(404,), round_id=facts.round_id)
    yield page("review.keep_apart", LEARNER, "review", round_id=facts.round_id, also=(404,))
    yield page("review.coaching", LEARNER, "review", round_id=facts.released_id, also=(404,))
    yield page("review.slots", LEARNER, "review", round_id=facts.oral_id, also=(404,))
    yield sent("review.act_on_slot", LEARNER, also=(404,), key=facts.slot_key, act="book")
    yield page("review.work", LEARNER, "review", oneself, **begun)
    yield page("review.work", LEARNER, "review", oneself, of="sent", **done)
    yield page("review.file", LEARNER, "file", oneself, rank=1, **begun)
    yield page("review.code", LEARNER, "review", oneself, rank=1, **begun)
    yield page("review.criterion", LEARNER, "review", oneself, number=1, **begun)
    yield page("review.criterion", LEARNER, "review", oneself, of="empty", number=2, **begun)
    yield page("review.check", LEARNER, "review", oneself, **begun)
    yield page("review.thanks", LEARNER, "review", oneself, **done)
    yield page("review.conflict", LEARNER, "review", oneself, **begun)
    yield page("review.received", LEARNER, "review", oneself, **own)
    to_read = {"key": facts.piece_key}
    yield page("review.piece", LEARNER, "review", oneself, **to_read)
    yield page("review.piece", LEARNER, "review", oneself, of="read", key=facts.read_key)
    yield page("review.piece_criterion", LEARNER, "review", oneself, number=1, **to_read)
    yield page("review.check_piece", LEARNER, "review", oneself, **to_read)
    first = {"number": facts.opinion_number, **own}
    yield page("review.answer_review", LEARNER, "review", oneself, **first)
    yield page("review.report", LEARNER, "review", oneself, **first)
    yield page("review.appeal", LEARNER, "review", oneself, **own)


def _rounds(facts: SimpleNamespace) -> Iterator[Example]:
    cohort, one, over = _cohort(facts), {"round_id": facts.round_id}, {"round_id": facts.released_id}
    yield page("review.cohort_rounds", TRAINER, "list", cohort, cohort_id=facts.cohort.id)
    yield page("review.new_round", TRAINER, "list", cohort, assignment_id=facts.past.id)
    yield page("review.pieces", TRAINER, "list", cohort, assignment_id=facts.past.id)
    retired = {"assignment_id": facts.past.id, "piece_id": facts.piece_id}
    yield sent("review.retire_piece", TRAINER, cohort, **retired)
    yield page("review.moderation", TRAINER, "sheet", cohort, **one)
    yield page("review.moderation", TRAINER, "sheet", cohort, of="released", **over)
    yield sent("review.act", TRAINER, cohort, act="mend", **one)
    yield page("review.extend", TRAINER, "step", cohort, **one)
    yield page("review.fairness", TRAINER, "list", cohort, **over)
    yield page("review.events", TRAINER, "list", cohort, **one)
    yield page("review.read_review", TRAINER, "step", cohort, key=facts.sent_key, **one)
    yield page("review.withdraw_work", TRAINER, "step", cohort, number=1, **one)
    yield page("review.flag", TRAINER, "step", cohort, flag_id=facts.flag_id)
    yield page("review.guests", TRAINER, "step", cohort, **one)
    yield page("review.join", TRAINER, "step", cohort, guest_id=facts.guest_id)


def _answers(facts: SimpleNamespace) -> Iterator[Example]:
    cohort, learner, pair = _cohort(facts), _learner(facts), _pair(facts)
    there, waiting = {"cohort_id": facts.cohort.id}, {"submission_id": facts.waiting.id}
    yield page("grading.queue", TRAINER, "queue")
    yield page("grading.queue", MANAGER, "queue", of="for a manager")
    yield page("grading.queue", TRAINER, "queue", of="answered", query={"state": "validated", "page": 2})
    yield page("grading.answer", TRAINER, "correction", pair, **waiting)
    yield page("grading.answer", COLLEAGUE, "correction", pair, of="begun", **waiting)
    fresh = Place.of(school=facts.school.id, cohort=facts.cohort.id, people=facts.other_owners)
    yield page("grading.answer", TRAINER, "correction", fresh, of="corrected", submission_id=facts.fresh.submission_id)
    yield sent("grading.undo", TRAINER, fresh, also=(409,), feedback_id=facts.fresh.id)
    answered = {"submission_id": facts.answered.id}
    yield page("grading.feedback", LEARNER, "step", learner, **answered)
    yield page("grading.feedback", TRAINER, "step", learner, of="for a trainer", **answered)
    yield page("grading.level", TRAINER, "step", learner, award_id=facts.award.id)
    yield page("grading.board", TRAINER, "sheet", cohort, **there)
    yield page("grading.board", TRAINER, "sheet", cohort, of="competences", query={"view": "competences"}, **there)
    yield page("grading.board_table", TRAINER, "file", cohort, kind="xlsx", **there)
    yield page("grading.competences", LEARNER, "list")
    yield page("grading.competences_of", TRAINER, "list", learner, person_id=facts.learner.id)


def _signing(facts: SimpleNamespace) -> Iterator[Example]:
    cohort, now, later = _cohort(facts), {"half_day_id": facts.half_day.id}, {"half_day_id": facts.later.id}
    yield page("attendance.mine", LEARNER, "list")
    yield page("attendance.my_half_day", LEARNER, "list", cohort, half_day_id=facts.yesterday.id)
    missed = {"half_day_id": facts.missed.id}
    yield page("attendance.sign_late", LEARNER, "step", _cohort(facts), also=(302,), **missed)
    yield page("attendance.sign", LEARNER, "signature", cohort, **now)
    yield page("attendance.sign", LEARNER, "signature", cohort, of="too early", **later)
    yield page("attendance.sign", LEFT, "signature", cohort, of="once gone", **now)
    yield page("attendance.room_code", LEARNER, "signature", cohort, **now)
    yield page("attendance.square", NOBODY, "way", answers=302, code="123456", **now)
    yield page("attendance.sign_by_link", NOBODY, "signature", token=facts.sign_link)
    yield page("attendance.sign_by_link", NOBODY, "signature", of="dead", answers=404, token="nothing")


def _absences(facts: SimpleNamespace) -> Iterator[Example]:
    cohort, one, past = _cohort(facts), {"excuse_id": facts.excuse.id}, {"half_day_id": facts.yesterday.id}
    yield page("attendance.explain_absence", LEARNER, "step")
    yield page("attendance.absences", TRAINER, "list")
    yield page("attendance.absence", TRAINER, "step", _learner(facts), **one)
    yield page("attendance.absence_paper", TRAINER, "file", _learner(facts), **one)
    yield page("attendance.dispute", LEARNER, "step", cohort, also=(404,), **past)
    yield page("attendance.answer_dispute", TRAINER, "step", cohort, dispute_id=facts.dispute.id)
    yield page("attendance.missing", TRAINER, "list")
    yield page("attendance.person", TRAINER, "sheet", _learner(facts), person_id=facts.learner.id)
    yield page("attendance.pin", LEARNER, "step")
    yield page("attendance.my_calendars", LEARNER, "list")
    yield page("attendance.calendar", NOBODY, "file", secret=facts.calendar)
    yield sent("attendance.revoke_calendar", LEARNER, also=(404,), feed_id=facts.feed.id)


def _company(facts: SimpleNamespace) -> Iterator[Example]:
    week = {"period_id": facts.own_period.id, "monday": facts.monday}
    yield page("attendance.my_company", LEARNER, "list")
    yield page("attendance.company_week", LEARNER, "signature", also=(404,), **week)
    yield page("attendance.tutor_sign", NOBODY, "signature", secret=facts.tutor_link)
    yield page("attendance.tutor_sign", NOBODY, "signature", of="dead", answers=404, secret="nothing")


def _sheets(facts: SimpleNamespace) -> Iterator[Example]:
    cohort, there, one = _cohort(facts), {"cohort_id": facts.cohort.id}, {"sheet_id": facts.sheet.id}
    last_week = {"monday": facts.last_monday, **there}
    yield page("attendance.month", MANAGER, "sheet", cohort, **there)
    yield page("attendance.month_table", MANAGER, "file", cohort, text="2027-03", kind="csv", **there)
    yield page("attendance.sheet_heading", MANAGER, "step", cohort, **there)
    yield page("attendance.sheets", MANAGER, "list", cohort, **there)
    yield page("attendance.close_week", MANAGER, "sheet", cohort, monday=facts.monday, **there)
    yield page("attendance.amend_week", MANAGER, "sheet", cohort, **last_week)
    yield page("attendance.sheet", MANAGER, "sheet", cohort, **one)
    yield page("attendance.sheet_paper", MANAGER, "file", cohort, **one)
    yield sent("attendance.make_paper_again", MANAGER, cohort, **one)
    yield page("attendance.verify", NOBODY, "plain")
    # Whoever checks a paper is a funder or an auditor: they are no learner, and need no account.
    yield page("attendance.verify_sheet", NOBODY, "plain", most=QUERIES[FUNDER], number=facts.sheet.number)


def _papers(facts: SimpleNamespace) -> Iterator[Example]:
    school, cohort, own = facts.school.place, _cohort(facts), _learner(facts)
    here, there = {"school_id": facts.school.id}, {"cohort_id": facts.cohort.id}
    place, one = {"enrolment_id": facts.share.enrolment_id}, {"document_id": facts.document.id}
    week, kind = {"first": "2027-03-01", "last": "2027-03-07"}, {"kind": "attendance"}
    yield page("completion.fundings", MANAGER, "list", school, **here)
    yield page("completion.add_funder", MANAGER, "step", school, **here)
    yield page("completion.add_funding", MANAGER, "step", school, **here)
    yield page("completion.edit_funding", MANAGER, "step", school, funding_id=facts.funding.id)
    yield page("completion.funding", MANAGER, "list", school, funding_id=facts.funding.id)
    yield page("completion.say_setting", MANAGER, "step", school, funding_id=facts.funding.id, key="rounding")
    yield page("completion.say_setting", MANAGER, "step", school, of="a number", funding_id=facts.funding.id,
               key="retention_years")  # fmt: skip
    funder = {"funder_id": facts.funding.funder_id, **here}
    yield page("completion.funder_codes", MANAGER, "list", school, **funder)
    yield page("completion.funder_code", MANAGER, "step", school, code="AJ-TRA", **funder)
    yield page("completion.funder_absences", MANAGER, "file", school, kind="csv", month="2027-03", **funder)
    yield from _told_in_company(facts)
    yield page("completion.place_funding", MANAGER, "step", own, **place)
    yield page("completion.end_share", MANAGER, "step", own, share_id=facts.share.id)
    yield page("completion.signatory", MANAGER, "step", school, **here)
    yield page("completion.training_action", MANAGER, "step", cohort, **there)
    yield page("completion.papers", MANAGER, "list", cohort, query=kind | week, **there)
    yield page("completion.preview", MANAGER, "report", own, query=week, kind="attendance", **place)
    yield sent("completion.issue_all", MANAGER, cohort, kind="certificate", **there)
    yield page("completion.batch", MANAGER, "step", cohort, batch_id=facts.batch.id)
    yield page("completion.archive", MANAGER, "file", cohort, batch_id=facts.batch.id)
    yield page("completion.document", MANAGER, "report", own, **one)
    yield page("completion.document", LEARNER, "report", own, of="one's own", **one)
    yield page("completion.file", LEARNER, "file", own, **one)
    yield sent("completion.send", MANAGER, own, **one)
    yield page("completion.revoke", MANAGER, "step", own, **one)
    yield page("completion.mine", LEARNER, "list")
    yield page("completion.of_sheet", MANAGER, "list", cohort, sheet_id=facts.sheet.id)
    yield page("completion.my_way", LEARNER, "list")
    yield page("completion.cohort_completion", TRAINER, "dashboard", cohort, **there)
    yield page("completion.place_completion", TRAINER, "list", own, **place)
    yield page("completion.asked", MANAGER, "step", cohort, **there)
    yield page("completion.plan_exam", MANAGER, "step", cohort, **there)
    yield page("completion.exam", MANAGER, "list", cohort, session_id=facts.exam.id)
    yield page("completion.say_result", MANAGER, "step", cohort, session_id=facts.exam.id, **place)
    yield page("completion.badges", LEARNER, "list")
    yield sent(
        "completion.end_badge",
        LEARNER,
        Place.of(school=facts.school.id, people=[facts.learner.id]),
        key=facts.badge.key,
    )
    yield page("completion.take_portfolio", LEARNER, "file")
    yield page("completion.badge", NOBODY, "plain", key=facts.badge.key)
    yield page("completion.badge_token", NOBODY, "file", key=facts.badge.key)
    yield page("completion.revoked_badges", NOBODY, "file")
    yield page("completion.badge_keys", NOBODY, "file")
    yield page("completion.badge_issuer", NOBODY, "file")
    yield page("completion.check", NOBODY, "plain")
    yield page("completion.check_code", NOBODY, "plain", code=facts.document.code)


def _told_in_company(facts: SimpleNamespace) -> Iterator[Example]:
    own, place = _learner(facts), {"enrolment_id": facts.share.enrolment_id}
    there = {"period_id": facts.own_period.id, **place}
    yield page("completion.place_company", MANAGER, "list", own, **place)
    yield sent("completion.ask_tutor", MANAGER, own, **there)
    yield page("completion.note_evaluation", MANAGER, "step", own, **there)
    yield page("completion.write_visit", MANAGER, "step", own, **there)
    yield page("completion.tutor_evaluation", NOBODY, "plain", secret=facts.evaluation_secret, **there)
    yield page("completion.tutor_evaluation", NOBODY, "plain", of="dead", answers=404, secret="nothing", **there)
    yield page("completion.tutor_thanks", NOBODY, "plain")


def _reports(facts: SimpleNamespace) -> Iterator[Example]:
    school, cohort = facts.school.place, _cohort(facts)
    here, there = {"school_id": facts.school.id}, {"cohort_id": facts.cohort.id}
    yield page("completion.month", MANAGER, "report", cohort, text="2027-03", **there)
    yield page("completion.of_work", LEARNER, "list", _learner(facts), submission_id=facts.waiting_id)
    yield page("completion.school_rules", MANAGER, "list", school, **here)
    yield page(
        "completion.school_rules",
        MANAGER,
        "list",
        school,
        of="a funder",
        query={"funder": facts.funding.funder_id},
        **here,
    )
    yield page("completion.school_rule", MANAGER, "step", school, key="success_base", **here)
    year = {"year": 2027}
    yield page("completion.report", MANAGER, "report", school, **year, **here)
    yield page("completion.report_line", MANAGER, "list", school, frame="F-3", line="a", **year, **here)
    yield page("completion.report_line", MANAGER, "list", school, of="written", frame="C", line="6", **year, **here)
    yield page("completion.report_line", MANAGER, "list", school, of="led", frame="E", line="own", **year, **here)
    yield page("completion.report_led", MANAGER, "list", school, person_id=facts.trainer.id, **year, **here)
    yield page("completion.network_report_line", NETWORK, "list", frame="F-3", line="a", **year)
    yield page("completion.network_report_line", NETWORK, "list", of="written", frame="C", line="total", **year)
    yield page(
        "completion.network_report_line", NETWORK, "list", of="of a school", query={"school": facts.school.id},
        frame="F-1", line="c", **year,
    )  # fmt: skip
    own_place = {"enrolment_id": facts.share.enrolment_id} | year
    yield page("completion.report_place", MANAGER, "report", school, most=10, **own_place)
    yield page("completion.report_table", MANAGER, "file", school, kind="ods", **year, **here)
    yield page("completion.report_figures", MANAGER, "report", school, **year, **here)
    yield page("completion.report_paper", MANAGER, "report", school, **year, **here)
    yield page("completion.network_report", NETWORK, "report", **year)
    yield page("completion.network_report_paper", NETWORK, "report", **year)
    yield page("completion.network_report_table", NETWORK, "file", kind="xlsx", **year)
    yield page("completion.network_report_figures", NETWORK, "step", **year)


def _afterwards(facts: SimpleNamespace) -> Iterator[Example]:
    school, cohort, own = facts.school.place, _cohort(facts), _learner(facts)
    there = {"cohort_id": facts.cohort.id}
    link = {"secret": facts.own_link}
    yield page("completion.own_situation", NOBODY, "plain", **link)
    yield page("completion.own_question", NOBODY, "plain", name="rating", **link)
    yield page("completion.own_question", NOBODY, "plain", of="to change", query={"change": 1}, name="comment", **link)
    yield page("completion.own_check", NOBODY, "plain", **link)
    yield page("completion.my_questionnaire", LEARNER, "way", own, answers=302,
               questionnaire_id=facts.questionnaire.id)  # fmt: skip
    yield page("completion.own_situation", NOBODY, "plain", of="dead", answers=404, secret="nothing")
    yield page("completion.afterwards", MANAGER, "list", cohort, **there)
    yield page("completion.afterwards_table", MANAGER, "file", cohort, kind="xlsx", **there)
    yield page("completion.calls", MANAGER, "list", school, school_id=facts.school.id)
    yield page("completion.questionnaire", MANAGER, "step", own, questionnaire_id=facts.questionnaire.id)


def _boards(facts: SimpleNamespace) -> Iterator[Example]:
    school, cohort = facts.school.place, _cohort(facts)
    here, there = {"school_id": facts.school.id}, {"cohort_id": facts.cohort.id}
    yield page("reports.boards", NETWORK, "dashboard", also=(302,))
    yield page("reports.network_figure", NETWORK, "dashboard", figure="presence")
    yield page("reports.school_board", MANAGER, "dashboard", school, **here)
    narrowed = {"funder": "Région Hauts-de-France", "first": "2027-03-01", "last": "2027-02-01"}
    yield page("reports.school_board", MANAGER, "dashboard", school, of="narrowed", query=narrowed, **here)
    yield page("reports.network_table", NETWORK, "file", kind="csv")
    yield page("reports.school_table", MANAGER, "file", school, kind="xlsx", **here)
    yield page("reports.cohort_table", TRAINER, "file", cohort, kind="ods", **there)
    yield page("reports.network_board_paper", NETWORK, "list")
    yield page("reports.school_board_paper", MANAGER, "list", school, **here)
    yield page("reports.cohort_board_paper", TRAINER, "list", cohort, **there)
    yield page("reports.school_figure", MANAGER, "dashboard", school, figure="unsigned", **here)
    yield page("reports.school_figure", MANAGER, "dashboard", school, of="people", figure="dropped", **here)
    yield page("reports.cohort_board", TRAINER, "dashboard", cohort, **there)
    yield page("reports.cohort_figure", TRAINER, "dashboard", cohort, figure="competences", **there)
    yield page("reports.cohort_figure", TRAINER, "dashboard", cohort, of="questions", figure="questionnaires", **there)


def _registers(facts: SimpleNamespace) -> Iterator[Example]:
    school, here = facts.school.place, {"school_id": facts.school.id}
    own, place = _learner(facts), {"enrolment_id": facts.share.enrolment_id}
    line, complaint = {"record_id": facts.interview_id}, {"record_id": facts.complaint_id}
    yield page("registers.school_registers", MANAGER, "list", school, **here)
    for name in ("interviews", "house_rules", "surveys", "complaints"):
        yield page("registers.register", MANAGER, "list", school, of=name, name=name, **here)
    yield page(
        "registers.register", MANAGER, "list", school, of="narrowed", query={"q": "zzz"}, name="positioning", **here
    )
    yield page("registers.paper", MANAGER, "report", school, name="improvements", **here)
    yield page("registers.paper", MANAGER, "report", school, of="of surveys", name="surveys", **here)
    yield page("registers.write_record", MANAGER, "step", school, name="improvements", **here)
    yield page("registers.write_of_place", TRAINER, "step", own, name="interviews", **place)
    yield page("registers.place_records", TRAINER, "list", own, **place)
    yield page("registers.record", TRAINER, "list", own, **line)
    yield page("registers.record", MANAGER, "list", school, of="a complaint", **complaint)
    yield page("registers.correct_record", TRAINER, "step", own, **line)
    yield page("registers.house_rules", MANAGER, "list", school, **here)
    yield page("registers.open_survey", MANAGER, "step", school, **here)
    yield page("registers.survey", MANAGER, "list", school, survey_id=facts.survey_id)
    yield page("registers.open_outside_survey", MANAGER, "step", school, query={"audience": "funders"}, **here)
    yield page("registers.outside_survey", MANAGER, "list", school, survey_id=facts.outside_survey_id)
    link = {"asked_id": facts.outside_asked_id}
    yield page("registers.give_outside_opinion", NOBODY, "plain", secret=facts.outside_secret, **link)
    yield page("registers.give_outside_opinion", NOBODY, "plain", of="dead", answers=404, secret="nothing", **link)
    yield page("registers.mine", LEARNER, "list")
    yield page("registers.sign_rules", LEARNER, "list", own, **place)
    yield page("registers.give_opinion", LEARNER, "list", own, asked_id=facts.asked_id)
    yield page("registers.my_complaint", LEARNER, "step", also=(404,), **complaint)
    yield page("registers.complain", NOBODY, "step")
    yield page("registers.followed", NOBODY, "step", secret=facts.complaint_secret)
    yield page("registers.followed", NOBODY, "plain", of="nothing", answers=404, secret="nothing")


def _doors(facts: SimpleNamespace) -> Iterator[Example]:
    school, here = facts.school.place, {"school_id": facts.school.id}
    door, one = {"door_id": facts.door.id}, {"enrolment_id": facts.share.enrolment_id}
    own, paper = Place.of(people=[facts.door.person_id]), {"document_id": facts.document.id}
    # Each look is written down, and chained to the one before.
    link, few = {"secret": facts.door_secret}, QUERIES[FUNDER] + NOTED
    yield page("reports.mine", FUNDER, "list", also=(302,), of="of several")
    yield page("reports.door_board", FUNDER, "dashboard", own, most=few, **door)
    yield page("reports.door_documents", FUNDER, "list", own, most=few, **door)
    yield page("reports.door_person", FUNDER, "list", own, most=few, **one, **door)
    yield page("reports.door_document", FUNDER, "report", own, most=few, **paper, **door)
    yield page("reports.door_paper", FUNDER, "file", own, **paper, **door)
    yield page("reports.link_board", NOBODY, "dashboard", most=few, **link)
    yield page("reports.link_board", NOBODY, "plain", of="dead", answers=404, secret="nothing")
    yield page("reports.link_board", NOBODY, "plain", of="closed", answers=410, secret=facts.closed_secret)
    yield page("reports.link_documents", NOBODY, "list", most=few, **link)
    yield page("reports.link_person", NOBODY, "list", most=few, **one, **link)
    yield page("reports.link_document", NOBODY, "report", most=few, **paper, **link)
    yield page("reports.link_paper", NOBODY, "file", **paper, **link)
    audit, audited = {"door_id": facts.audit_door.id}, Place.of(people=[facts.audit_door.person_id])
    audit_link = {"secret": facts.audit_secret}
    yield page("reports.whole_file", MANAGER, "step", _learner(facts), **one)
    yield page("reports.whole_file_archive", MANAGER, "file", _learner(facts), **one)
    yield page("reports.door_file", AUDITOR, "step", audited, most=few, **one, **audit)
    yield page("reports.door_archive", AUDITOR, "file", audited, **one, **audit)
    yield page("reports.link_file", NOBODY, "step", most=few, **one, **audit_link)
    yield page("reports.link_file", NOBODY, "plain", of="of a funder", answers=404, **one, **link)
    yield page("reports.link_archive", NOBODY, "file", **one, **audit_link)
    yield page("reports.school_doors", MANAGER, "list", school, **here)
    yield page("reports.network_doors", NETWORK, "list")
    yield page("reports.open_school_door", MANAGER, "step", school, **here)
    yield page("reports.open_network_door", NETWORK, "step")
    yield page("reports.door_key", MANAGER, "list", school, door_id=facts.link_door.id)
    table = {"document_id": facts.list_document.id, "kind": "ods"}
    yield page("reports.document_table", MANAGER, "file", school, **table)
    yield page("reports.door_table", FUNDER, "file", own, **table, **door)
    yield page("reports.link_table", NOBODY, "file", **table, **link)
    yield page("reports.school_lists", MANAGER, "list", school, **here)
    yield page("reports.ask_list", MANAGER, "step", school, **here)
    yield page("reports.due_list", MANAGER, "report", school, due_id=facts.waiting_list.id)
    yield page("reports.due_list", MANAGER, "report", school, of="accepted", due_id=facts.accepted_list.id)
    yield page("reports.refuse_list", MANAGER, "step", school, due_id=facts.waiting_list.id)
    yield sent("reports.prepare_again", MANAGER, school, due_id=facts.waiting_list.id)
    yield sent("reports.end_list", MANAGER, school, schedule_id=facts.list_schedule_id)
    yield sent("reports.restore_layout", NETWORK, form={"version": "1"}, listed="invoice")
    yield page("reports.layouts", NETWORK, "list")
    yield page("reports.layout", NETWORK, "list", listed="invoice")
    yield page(
        "reports.layout", NETWORK, "list", of="for a funder", query={"funder": facts.funding.funder_id}, listed="hours"
    )
    yield page("reports.school_questions", MANAGER, "list", school, **here)
    yield page("reports.question", MANAGER, "step", school, question_id=facts.question.id)


def _operations(facts: SimpleNamespace) -> Iterator[Example]:
    school, here, one = facts.school.place, {"school_id": facts.school.id}, {"operation_id": facts.operation_id}
    learner, link = {"person_id": facts.participant_form.person_id}, {"secret": facts.participant_secret}
    # What is opened under lock is written down, and chained to the act before.
    noted = QUERIES[CONTACT] + NOTED
    yield page("reports.operations", MANAGER, "list", school, **here)
    yield page("reports.operations", CONTACT, "list", school, of="for a disability contact", **here)
    yield page("reports.add_operation", MANAGER, "step", school, **here)
    yield page("reports.edit_operation", MANAGER, "step", school, **one)
    yield page("reports.operation_terms", MANAGER, "list", school, **one)
    yield page("reports.operation", MANAGER, "dashboard", school, **one)
    yield page("reports.operation", CONTACT, "dashboard", school, of="for a disability contact", **one)
    yield page("reports.participant", MANAGER, "list", school, most=noted, **one, **learner)
    yield page("reports.participant_locked", CONTACT, "step", school, most=noted + 2, **one, **learner)
    yield page("reports.operation_locked", CONTACT, "step", school, most=noted, **one)
    yield page("reports.participants_table", MANAGER, "file", school, kind="csv", **one)
    yield page("reports.participants_locked_table", CONTACT, "file", school, kind="csv", **one)
    yield page("reports.own_answers", NOBODY, "plain", most=7, **link)
    yield page("reports.own_answers", NOBODY, "plain", of="dead", answers=404, secret="nothing")
    yield page("reports.own_answer", NOBODY, "plain", most=7, key="disability", **link)
    yield page("reports.own_answers_check", NOBODY, "plain", most=7, **link)
    own = facts.participant_form.place
    yield page("reports.my_participation", LEARNER, "way", own, answers=302, form_id=facts.participant_form.id)


def _declared(facts: SimpleNamespace) -> Iterator[Example]:
    school, cohort = facts.school.place, _cohort(facts)
    there, year = {"cohort_id": facts.cohort.id}, {"school_id": facts.school.id, "year": 2027}
    yield page("reports.cpf", MANAGER, "report", cohort, **there)
    yield page("reports.cpf_table", MANAGER, "file", cohort, kind="csv", **there)
    yield page("reports.kairos", MANAGER, "report", cohort, **there)
    yield page("reports.kairos_table", MANAGER, "file", cohort, kind="csv", **there)
    yield sent(
        "reports.tick_kairos", MANAGER, cohort, form={"step": "nothing"}, answers=409,
        enrolment_id=facts.share.enrolment_id, **there,
    )  # fmt: skip
    yield page("reports.gen", MANAGER, "report", school, **year)
    yield page("reports.gen_table", MANAGER, "file", school, kind="csv", **year)
    yield page("reports.evidence_year", MANAGER, "report", school, **year)
    yield page("reports.evidence_indicator", MANAGER, "report", school, number=11, most=GATHERED, **year)
    yield page("reports.evidence_archive", MANAGER, "file", school, **year)
    yield page("reports.evidence_piece", MANAGER, "file", school, school_id=facts.school.id, piece_id=facts.piece_id)


def _half_days(facts: SimpleNamespace) -> Iterator[Example]:
    cohort, now = _cohort(facts), {"half_day_id": facts.half_day.id}
    missing, signed = {"person_id": facts.missing_id}, {"person_id": facts.signed_id}
    week = {"cohort_id": facts.cohort.id, "monday": facts.monday}
    yield page("attendance.today", TRAINER, "dashboard")
    yield page("attendance.today", MANAGER, "dashboard", of="for a manager")
    yield page("attendance.half_day", TRAINER, "sheet", cohort, **now)
    yield page("attendance.half_day", MANAGER, "sheet", cohort, of="over", half_day_id=facts.yesterday.id)
    yield page("attendance.countersign", TRAINER, "signature", cohort, **now)
    yield page("attendance.replace_trainer", TRAINER, "step", cohort, **now)
    yield page("attendance.mark", TRAINER, "step", cohort, **now, **missing)
    yield page("attendance.withdraw", TRAINER, "step", cohort, **now, **signed)
    yield page("attendance.help_sign", TRAINER, "signature", cohort, **now, **missing)
    yield page("attendance.tablet", TRAINER, "list", cohort, **now)
    yield page("attendance.tablet_sign", TRAINER, "signature", cohort, **now, **missing)
    yield page("attendance.paper", TRAINER, "list", cohort, **now)
    yield page("attendance.paper_scan", TRAINER, "file", cohort, scan_id=facts.scan.id, **now)
    yield page("attendance.activity", TRAINER, "step", cohort, half_day_id=facts.later.id)
    yield sent("attendance.count_work", TRAINER, cohort, **now)
    yield page("attendance.walk_in", TRAINER, "step", cohort, **now)
    yield page("attendance.same_as", MANAGER, "step", _learner(facts), person_id=facts.learner.id)
    yield page("attendance.field", TRAINER, "sheet", cohort, **now)
    yield sent("attendance.field_send", TRAINER, cohort, answers=400, **now)
    yield sent("attendance.open_half_day", TRAINER, cohort, **now)
    yield sent("attendance.mark_absent", TRAINER, cohort, **now, **missing)
    yield page("attendance.week", TRAINER, "sheet", cohort, **week)


def _timetables(facts: SimpleNamespace) -> Iterator[Example]:
    school, cohort = facts.school.place, _cohort(facts)
    here, there = {"school_id": facts.school.id}, {"cohort_id": facts.cohort.id}
    yield page("attendance.timetable", TRAINER, "list", cohort, **there)
    yield page("attendance.set_week", TRAINER, "step", cohort, **there)
    yield page("attendance.make_timetable", TRAINER, "step", cohort, **there)
    yield page("attendance.add_half_day", TRAINER, "step", cohort, **there)
    yield page("attendance.edit_half_day", TRAINER, "step", cohort, half_day_id=facts.later.id)
    yield page("attendance.cancel_half_day", TRAINER, "step", cohort, half_day_id=facts.later.id)
    yield page("attendance.company_periods", MANAGER, "list", cohort, **there)
    yield sent("attendance.remove_company_period", MANAGER, cohort, period_id=facts.company_period.id)
    yield page("attendance.rooms", MANAGER, "list", school, **here)
    yield sent("attendance.retire_room", MANAGER, school, room_id=facts.room.id)
    yield page("attendance.closures", MANAGER, "list", school, **here)
    yield sent("attendance.remove_closure", MANAGER, school, closure_id=facts.closure.id)
    yield page("attendance.attendance_settings", MANAGER, "step", school, **here)
    yield page("attendance.motives", MANAGER, "list", school, **here)
    yield sent("attendance.change_motive", MANAGER, school, code="AJ-TRA", **here)


def _portal(facts: SimpleNamespace) -> Iterator[Example]:
    yield page("portal.home", LEARNER, "way", answers=302, also=(200,))
    yield page("portal.home", FUNDER, "way", of="for a funder", answers=302, also=(200,))
    yield page("portal.home", CONTACT, "way", of="for a disability contact", answers=302, also=(200,))
    yield page("portal.today", LEARNER, "home", also=(302,))
    yield page("portal.today", LEFT, "home", of="once gone", also=(302,))


def _keys(facts: SimpleNamespace) -> Iterator[Example]:
    made = _posting("/account/keys", name="Tableau de bord", scopes="schools:read", days="90")
    yield page("portal.keys", TRAINER, "step")
    yield page("portal.keys", LEARNER, "step", of="of a learner")
    yield page("portal.new_key", TRAINER, "step", arrange=made)
    own = Place.of(school=facts.school.id, people=[facts.trainer.id])
    yield sent("portal.end_key", TRAINER, own, key_id=facts.key.id)
    yield page("portal.api_page", TRAINER, "report")
    yield page("portal.openapi", NOBODY, "file")


def _hooks(facts: SimpleNamespace) -> Iterator[Example]:
    school, hook = facts.school.place, {"hook_id": facts.hook.id}
    yield page("auth.provider", MANAGER, "list", school, school_id=facts.school.id)
    yield sent(
        "auth.unlink_provider",
        MANAGER,
        school,
        form={"handle": facts.learner.mail},
        answers=200,
        school_id=facts.school.id,
    )
    yield sent("auth.end_provider", MANAGER, school, school_id=facts.school.id)
    yield page("portal.hooks", MANAGER, "list", school, school_id=facts.school.id)
    yield page("portal.hook", MANAGER, "list", school, **hook)
    for name in ("stop_hook", "start_hook", "end_hook"):
        yield sent(f"portal.{name}", MANAGER, school, **hook)
    yield sent("portal.send_again", MANAGER, school, delivery_id=facts.delivery.id, **hook)


def _api(facts: SimpleNamespace) -> Iterator[Example]:
    """What a browser that is signed in reads of the API: writing needs a key, whoever one is."""
    names = ("schools", "programmes", "cohorts", "enrolments", "assignments", "submissions", "awards")
    for name in (*names, "half_days", "presence_days", "documents"):
        yield page(f"portal.api.list_{name}", TRAINER, "file")
    yield page("portal.api.me", TRAINER, "file")
    cohort, school, learner = _cohort(facts), Place.of(school=facts.school.id), _learner(facts)
    readers = Place(cohorts=frozenset(facts.readers))
    yield page("portal.api.read_school", TRAINER, "file", school, number=facts.school.id)
    yield page("portal.api.read_programme", LEARNER, "file", readers, number=facts.cohort.programme_id)
    yield page("portal.api.read_cohort", TRAINER, "file", cohort, number=facts.cohort.id)
    yield page("portal.api.read_enrolment", LEARNER, "file", learner, number=facts.enrolment.id)
    yield page("portal.api.read_completion", LEARNER, "file", learner, number=facts.enrolment.id)
    yield page("portal.api.read_assignment", LEARNER, "file", cohort, number=facts.past.id)
    yield page("portal.api.read_submission", LEARNER, "file", _pair(facts), number=facts.waiting.id)
    yield page("portal.api.read_award", LEARNER, "file", learner, number=facts.award.id)
    yield page("portal.api.read_half_day", TRAINER, "file", cohort, number=facts.half_day.id)
    yield page("portal.api.list_attendance", TRAINER, "file", cohort, number=facts.half_day.id)
    yield page("portal.api.sum_presence", TRAINER, "file", cohort, number=facts.cohort.id)
    yield page("portal.api.read_document", LEARNER, "file", learner, number=facts.document.id)
    for name in ("mark", "sign"):
        given = {"params": {"number": facts.half_day.id}, "answers": 401, "form": {}}
        yield Example(f"portal.api.{name}", TRAINER, "way", cohort, **given, arrange=lambda client: None)


def _public(facts: SimpleNamespace) -> Iterator[Example]:
    yield page("reports.public_figures_json", NOBODY, "file", most=PUBLISHED)
    yield page("reports.public_figures_table", NOBODY, "file", most=PUBLISHED, kind="ods")
    yield page("reports.public_figures", NOBODY, "report", most=PUBLISHED)
