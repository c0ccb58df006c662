"""The work of a demonstration cohort: assignments, teams, drafts, submissions, feedback, awards, in bulk."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

from sqlalchemy import select

from popschool import clock, storage
from popschool.courses.models import Competence, ProjectVersion, Revision
from popschool.courses.services import projects_of
from popschool.db import db
from popschool.grading import rules as grading
from popschool.grading.models import Award, CriterionMark, Feedback
from popschool.portal import demo_bulk as bulk
from popschool.portal import demo_plan as plan
from popschool.projects import rules_files, rules_teams
from popschool.projects.models import (
    Assignment,
    Deliverable,
    Draft,
    Submission,
    SubmissionFile,
    SubmissionOwner,
    SubmissionState,
    Team,
    TeamMember,
)
from popschool.projects.rules import Timing, Window, own_window
from popschool.projects.rules_criteria import criteria_of, mark_words
from popschool.schools.models import Accommodation, Cohort, Enrolment, Person, Posting

VALIDATED, TO_COMPLETE = grading.Decision.VALIDATED, grading.Decision.TO_COMPLETE
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
JUST_NOW = 20 * MINUTE
PAGE_NAME = "page.html"
PAGE = b"""<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>Le Comptoir</title></head>
<body><h1>Le Comptoir</h1><table><thead><tr><th scope="col">Jour</th><th scope="col">Heures</th></tr></thead>
<tbody><tr><th scope="row">Mardi</th><td>9 h - 18 h</td></tr></tbody></table></body></html>
"""


def make_work(demo: Any, cohort: Cohort, revision: Revision) -> None:
    """Set the first projects of the cohort's programme, and let its learners have worked until the day shown."""
    given = {key for keys in plan.PROJECTS.values() for key in keys}
    versions = [one for one in projects_of(cohort.programme_id, revision.number) if one.project.key in given]
    maker = _Maker(demo, cohort, revision)
    for version, window in zip(versions, plan.windows(demo.day, len(versions), cohort.ends_on), strict=True):
        maker.assignment(version, window)
    maker.write()


@dataclass
class _Group:
    """People who send together: one alone, or a team with its name. `days` is the most that one of them has more."""

    people: list[Person]
    name: str = ""
    days: int = 0


@dataclass
class _Sent:
    """One version that was sent, with the answer it had, if any."""

    version: ProjectVersion
    key: str
    group: _Group
    row: dict
    has_file: bool
    decision: str = ""
    answered_at: datetime | None = None
    trainer_id: int = 0
    id: int = 0
    feedback_id: int | None = None
    is_last: bool = field(default=True)


class _Maker:
    """Gathers the rows of one cohort, then writes them together."""

    def __init__(self, demo: Any, cohort: Cohort, revision: Revision):
        self.demo, self.cohort, self.revision, self.random = demo, cohort, revision, demo.random
        self.people = list(
            db.session.scalars(
                select(Person)
                .join(Enrolment, Enrolment.person_id == Person.id)
                .where(Enrolment.cohort_id == cohort.id)
                .order_by(Person.id)
            )
        )
        self.trainers = list(
            db.session.scalars(select(Posting.person_id).where(Posting.cohort_id == cohort.id).order_by(Posting.id))
        )
        arranged = select(Accommodation.person_id, Accommodation.deadline_days).where(
            Accommodation.person_id.in_([person.id for person in self.people])
        )
        self.days = {person_id: days for person_id, days in db.session.execute(arranged)}
        self.competences = {one.key: one.id for one in db.session.scalars(select(Competence))}
        self.rounds: list[list[rules_teams.Pair]] = []
        self.sent: list[_Sent] = []
        self.drafts: list[dict] = []
        self.file = storage.put(PAGE)

    def assignment(self, version: ProjectVersion, window: Window) -> None:
        cohort = self.cohort
        size = {"pair": 2, "team": version.team_size or 3}.get(version.work, 1)
        assignment = Assignment(
            school_id=cohort.school_id,
            cohort_id=cohort.id,
            project_id=version.project_id,
            work=version.work,
            team_size=size,
            teams_by="trainer",
            opens_at=window.opens_at,
            due_at=window.due_at,
            closes_at=window.closes_at,
            set_by_id=self.trainers[0],
            set_at=min(window.opens_at, self.demo.now),
        )
        db.session.add(assignment)
        db.session.flush()
        deliverables = [
            Deliverable(
                school_id=cohort.school_id,
                assignment_id=assignment.id,
                key=asked["id"],
                position=position,
                title=asked["title"],
                hint=asked["hint"],
                asks=asked["asks"],
                either=asked["either"],
            )
            for position, asked in enumerate(version.data["deliverables"], 1)
        ]
        db.session.add_all(deliverables)
        db.session.flush()
        if window.opens_at < self.demo.now:
            groups = self._groups(assignment)
            for deliverable in deliverables:
                for place, group in enumerate(groups):
                    self._history(version, deliverable, group, window, is_first=place == 0)

    def _groups(self, assignment: Assignment) -> list[_Group]:
        """Return who works with whom: everybody once, teams drawn as a trainer would have them drawn."""
        if assignment.work == "alone":
            return [_Group([person], days=self.days.get(person.id, 0)) for person in self.people]
        by_id = {person.id: person for person in self.people}
        drawn = rules_teams.draw_teams(list(by_id), assignment.team_size, self.rounds, self.random)
        self.rounds.append([pair for members in drawn for pair in combinations(members, 2)])
        groups = []
        for number, members in enumerate(drawn, 1):
            team = Team(
                school_id=self.cohort.school_id,
                assignment_id=assignment.id,
                name=f"Équipe {number}",
                formed_at=assignment.opens_at,
            )
            team.members = [
                TeamMember(assignment_id=assignment.id, person_id=person_id, joined_at=assignment.opens_at)
                for person_id in members
            ]
            db.session.add(team)
            days = max(self.days.get(person_id, 0) for person_id in members)
            groups.append(_Group([by_id[person_id] for person_id in members], team.name, days))
        return groups

    def _history(
        self, version: ProjectVersion, deliverable: Deliverable, group: _Group, window: Window, is_first: bool
    ) -> None:
        """Let one group have worked on one deliverable: nothing, a draft, one version or two."""
        random, now, chance = self.random, self.demo.now, self.random.random()
        own = own_window(window, group.days, None, clock.PARIS)
        if window.due_at >= now:
            if chance < 0.3:
                self._draft(deliverable, group.people[0], window)
            elif chance < 0.62:
                self._send(version, deliverable, group, 1, self._moment(window.opens_at, now), own)
            return
        if chance < 0.06 and not is_first:
            return
        sent_at = self._moment(window.opens_at + DAY, min(now, window.due_at + 20 * HOUR))
        first = self._send(version, deliverable, group, 1, sent_at, own)
        if is_first or chance < 0.5:
            self._answer(first, VALIDATED)
        elif chance < 0.64:
            self._answer(first, TO_COMPLETE)
        elif chance >= 0.8:
            self._answer(first, TO_COMPLETE)
            if first.answered_at + HOUR < now - JUST_NOW:
                second_at = self._moment(first.answered_at + HOUR, min(now, first.answered_at + 3 * DAY))
                second = self._send(version, deliverable, group, 2, second_at, own)
                first.is_last = False
                if random.random() < 0.5:
                    self._answer(second, VALIDATED)

    def _moment(self, start: datetime, end: datetime) -> datetime:
        """Pick a moment from `start` to `end`, or just before the demonstration's own."""
        minutes = int((min(end, self.demo.now - JUST_NOW) - start).total_seconds() // 60)
        return start + self.random.randrange(max(1, minutes)) * MINUTE

    def _draft(self, deliverable: Deliverable, person: Person, window: Window) -> None:
        self.drafts.append(
            {
                "school_id": self.cohort.school_id,
                "deliverable_id": deliverable.id,
                "person_id": person.id,
                "text": "J'ai commencé. Il me reste la dernière étape." if "text" in deliverable.asks else "",
                "link": "",
                "repository": "",
                "note": "",
                "files": [],
                "key": f"{self.random.getrandbits(128):032x}",
                "updated_at": self._moment(window.opens_at, self.demo.now),
            }
        )

    def _send(
        self, version: ProjectVersion, deliverable: Deliverable, group: _Group, number: int, at: datetime, own: Window
    ) -> _Sent:
        random, sender = self.random, group.people[0]
        asks = {deliverable.asks[0]} if deliverable.either else set(deliverable.asks)
        sent = _Sent(
            version,
            deliverable.key,
            group,
            {
                "school_id": self.cohort.school_id,
                "cohort_id": self.cohort.id,
                "assignment_id": deliverable.assignment_id,
                "deliverable_id": deliverable.id,
                "revision_id": self.revision.id,
                "submitted_by_id": sender.id,
                "team_name": group.name,
                "version": number,
                "submitted_at": at,
                "timing": str(Timing.LATE if at > own.due_at else Timing.ON_TIME),
                "text": random.choice(plan.TEXTS) if "text" in asks else "",
                "link": f"https://example.org/{self.cohort.code.lower()}/{sender.id}" if "link" in asks else "",
                "repository": f"https://example.org/depots/{sender.id}.git" if "repository" in asks else "",
                "repository_commit": f"{random.getrandbits(160):040x}" if "repository" in asks else "",
                "note": random.choice(plan.NOTES),
                "receipt": f"{self.cohort.id:03X}{len(self.sent):05X}{random.randrange(4096):03X}",
            },
            has_file="files" in asks,
        )
        self.sent.append(sent)
        return sent

    def _answer(self, sent: _Sent, decision: str) -> None:
        """Let a trainer have answered some hours later, at the latest a moment ago."""
        later = sent.row["submitted_at"] + self.random.randrange(3, 40) * HOUR
        sent.decision, sent.answered_at = str(decision), min(later, self.demo.now - 15 * MINUTE)
        sent.trainer_id = self.random.choice(self.trainers)

    def write(self) -> None:
        bulk.add(Draft, self.drafts)
        if not self.sent:
            return
        self.sent.sort(key=lambda one: one.row["submitted_at"])
        for submission_id, one in zip(bulk.take_ids(Submission, len(self.sent)), self.sent, strict=True):
            one.id = submission_id
        bulk.add(Submission, [one.row | {"id": one.id} for one in self.sent])
        self._write_around()
        self._write_answers([one for one in self.sent if one.decision])
        bulk.add(SubmissionState, [self._state(one) for one in self.sent])

    def _write_around(self) -> None:
        owners = [
            {"submission_id": one.id, "person_id": person.id, "deliverable_id": one.row["deliverable_id"]}
            for one in self.sent
            for person in one.group.people
        ]
        bulk.add(SubmissionOwner, owners)
        file = {
            "position": 1,
            "hash": self.file.hash,
            "name": PAGE_NAME,
            "size": self.file.size,
            "media_type": rules_files.check_file(PAGE_NAME, PAGE, len(PAGE)),
        }
        bulk.add(SubmissionFile, [{"submission_id": one.id, **file} for one in self.sent if one.has_file])

    def _write_answers(self, answered: list[_Sent]) -> None:
        if not answered:
            return
        for feedback_id, one in zip(bulk.take_ids(Feedback, len(answered)), answered, strict=True):
            one.feedback_id = feedback_id
        bulk.add(Feedback, [self._feedback(one) for one in answered])
        marks = [mark for one in answered for mark in self._marks(one)]
        awards = [award for one in answered if one.decision == VALIDATED for award in self._awards(one)]
        bulk.add(CriterionMark, marks)
        bulk.add(Award, awards)

    def _state(self, one: _Sent) -> dict:
        return {
            "submission_id": one.id,
            "school_id": self.cohort.school_id,
            "cohort_id": self.cohort.id,
            "assignment_id": one.row["assignment_id"],
            "submitted_at": one.row["submitted_at"],
            "is_waiting": not one.decision and one.is_last,
            "decision": one.decision,
            "decided_at": one.answered_at,
            "feedback_id": one.feedback_id,
        }

    def _feedback(self, one: _Sent) -> dict:
        comments = plan.COMMENTS_GOOD if one.decision == VALIDATED else plan.COMMENTS_TO_COMPLETE
        return {
            "id": one.feedback_id,
            "school_id": self.cohort.school_id,
            "submission_id": one.id,
            "trainer_id": one.trainer_id,
            "number": 1,
            "decision": one.decision,
            "comment": self.random.choice(comments),
            "sent_at": one.answered_at,
        }

    def _marks(self, one: _Sent) -> list[dict]:
        data, made = one.version.data, []
        words = mark_words(data["marks"])
        for position, criterion in enumerate(criteria_of(data["criteria"], one.key), 1):
            mark = 2 if position > 2 or one.decision == VALIDATED else self.random.choice((0, 1))
            made.append(
                {
                    "feedback_id": one.feedback_id,
                    "position": position,
                    "criterion": criterion["id"],
                    "text": criterion["text"],
                    "mark": mark,
                    "word": words[mark],
                }
            )
        return made

    def _awards(self, one: _Sent) -> list[dict]:
        return [
            {
                "school_id": self.cohort.school_id,
                "person_id": person.id,
                "competence_id": self.competences[key],
                "level": level,
                "submission_id": one.id,
                "feedback_id": one.feedback_id,
                "trainer_id": one.trainer_id,
                "awarded_at": one.answered_at,
            }
            for key, level in grading.targets_of(one.version.data, one.key)
            for person in one.group.people
            if key in self.competences
        ]
