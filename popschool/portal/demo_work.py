"""The work of a demonstration cohort: assignments, teams, drafts, submissions, feedback, awards, in bulk."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from popschool import storage
from popschool.courses.models import Competence, ProjectVersion, Revision
from popschool.db import db
from popschool.grading.models import Award, CriterionMark, Feedback
from popschool.portal import demo_plan as plan
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
from popschool.schools.models import Cohort, Enrolment, Person, Posting

MARKS = ("pas encore", "en partie", "oui")
VALIDATED, TO_COMPLETE = "validated", "to_complete"
PAGE = b"""<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>Le Comptoir</title></head>
<body><h1>Le Comptoir</h1><table><thead><tr><th scope="col">Jour</th><th scope="col">Heures</th></tr></thead>
<tbody><tr><th scope="row">Mardi</th><td>9 h - 18 h</td></tr></tbody></table></body></html>
"""


def make_work(demo: Any, cohort: Cohort, revision: Revision) -> None:
    """Set every project of the cohort's programme, and let its learners have worked until the demonstration's day."""
    people = list(
        db.session.scalars(
            select(Person)
            .join(Enrolment, Enrolment.person_id == Person.id)
            .where(Enrolment.cohort_id == cohort.id)
            .order_by(Person.id)
        )
    )
    trainers = list(
        db.session.scalars(select(Posting.person_id).where(Posting.cohort_id == cohort.id).order_by(Posting.id))
    )
    versions = [
        version for version in projects_of(cohort.programme_id, revision.number) if version.data["deliverables"]
    ]
    maker = _Maker(demo, cohort, revision, people, trainers)
    for version, window in zip(versions, plan.windows(demo.day, len(versions), cohort.ends_on), strict=True):
        maker.assignment(version, window)
    maker.write()


class _Maker:
    """Gathers the rows of one cohort, then writes them together."""

    def __init__(self, demo: Any, cohort: Cohort, revision: Revision, people: list[Person], trainers: list[int]):
        self.demo, self.cohort, self.revision, self.people, self.trainers = demo, cohort, revision, people, trainers
        self.random = demo.random
        self.submissions: list[dict] = []
        self.drafts: list[dict] = []
        self.competences = {one.key: one.id for one in db.session.scalars(select(Competence))}
        self.levels: dict[tuple[int, str], int] = {}
        self.file = storage.put(PAGE)

    def assignment(self, version: ProjectVersion, window: plan.Window) -> None:
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
        groups = self._groups(assignment, size, window)
        if window.opens_at < self.demo.now:
            for deliverable in deliverables:
                for place, group in enumerate(groups):
                    self._history(version, deliverable, group, window, place)

    def _groups(self, assignment: Assignment, size: int, window: plan.Window) -> list[list[Person]]:
        if size == 1 or window.opens_at >= self.demo.now:
            return [[person] for person in self.people]
        shuffled = self.people[:]
        self.random.shuffle(shuffled)
        groups = [shuffled[start : start + size] for start in range(0, len(shuffled), size)]
        if len(groups) > 1 and len(groups[-1]) == 1:
            last = groups.pop()
            groups[-1] += last
        for number, group in enumerate(groups, 1):
            team = Team(
                school_id=self.cohort.school_id,
                assignment_id=assignment.id,
                name=f"Équipe {number}",
                formed_at=window.opens_at,
            )
            team.members = [
                TeamMember(assignment_id=assignment.id, person_id=person.id, joined_at=window.opens_at)
                for person in group
            ]
            db.session.add(team)
        return groups

    def _history(
        self, version: ProjectVersion, deliverable: Deliverable, group: list[Person], window: plan.Window, place: int
    ) -> None:
        """Let one group have worked on one deliverable: nothing, a draft, one version or two."""
        random, now = self.random, self.demo.now
        is_past = window.due_at < now
        chance = random.random()
        if not is_past:
            if chance < 0.3:
                self._draft(deliverable, group[0])
            elif chance < 0.62:
                self._version(version, deliverable, group, 1, self._moment(window.opens_at, now), window, "")
            return
        if chance < 0.06:
            return
        first_at = self._moment(window.opens_at + timedelta(days=2), min(now, window.due_at + timedelta(hours=20)))
        if chance < 0.5 or place == 0:
            self._version(version, deliverable, group, 1, first_at, window, VALIDATED)
        elif chance < 0.64:
            self._version(version, deliverable, group, 1, first_at, window, TO_COMPLETE)
        elif chance < 0.8:
            self._version(version, deliverable, group, 1, first_at, window, "")
        else:
            self._version(version, deliverable, group, 1, first_at, window, TO_COMPLETE)
            second_at = self._moment(first_at + timedelta(days=1), now)
            is_answered = random.random() < 0.5
            self._version(version, deliverable, group, 2, second_at, window, VALIDATED if is_answered else "")

    def _moment(self, start: datetime, end: datetime) -> datetime:
        """Pick a moment between two, never after the demonstration's own."""
        end = min(end, self.demo.now - timedelta(minutes=20))
        if end <= start:
            return end
        return start + timedelta(minutes=self.random.randrange(max(1, int((end - start).total_seconds() // 60))))

    def _draft(self, deliverable: Deliverable, person: Person) -> None:
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
                "updated_at": self.demo.now - timedelta(hours=2),
            }
        )

    def _version(
        self,
        version: ProjectVersion,
        deliverable: Deliverable,
        group: list[Person],
        number: int,
        sent_at: datetime,
        window: plan.Window,
        decision: str,
    ) -> None:
        random, first = self.random, deliverable.asks[0]
        asks = {first} if deliverable.either else set(deliverable.asks)
        receipt = f"{self.cohort.id:03X}{len(self.submissions):05X}{random.randrange(4096):03X}"
        commit = f"{random.getrandbits(160):040x}" if "repository" in asks else ""
        self.submissions.append(
            {
                "version": version,
                "group": group,
                "decision": decision,
                "has_file": "files" in asks,
                "key": deliverable.key,
                "number": number,
                "row": {
                    "school_id": self.cohort.school_id,
                    "cohort_id": self.cohort.id,
                    "assignment_id": deliverable.assignment_id,
                    "deliverable_id": deliverable.id,
                    "revision_id": self.revision.id,
                    "submitted_by_id": group[0].id,
                    "team_name": "" if len(group) == 1 else "Équipe",
                    "version": number,
                    "submitted_at": sent_at,
                    "timing": "late" if sent_at > window.due_at else "on_time",
                    "text": random.choice(plan.TEXTS) if "text" in asks else "",
                    "link": f"https://example.org/{self.cohort.code.lower()}/{group[0].id}" if "link" in asks else "",
                    "repository": f"https://example.org/depots/{group[0].id}.git" if "repository" in asks else "",
                    "repository_commit": commit,
                    "note": random.choice(plan.NOTES),
                    "receipt": receipt,
                },
            }
        )

    def write(self) -> None:
        if self.drafts:
            db.session.execute(insert(Draft), self.drafts)
        self.submissions.sort(key=lambda one: one["row"]["submitted_at"])
        if not self.submissions:
            return
        ids = db.session.scalars(
            insert(Submission).returning(Submission.id, sort_by_parameter_order=True),
            [one["row"] for one in self.submissions],
        ).all()
        for submission_id, one in zip(ids, self.submissions, strict=True):
            one["id"] = submission_id
        self._write_around()
        self._write_answers()

    def _write_around(self) -> None:
        owners = [
            {"submission_id": one["id"], "person_id": person.id, "deliverable_id": one["row"]["deliverable_id"]}
            for one in self.submissions
            for person in one["group"]
        ]
        db.session.execute(insert(SubmissionOwner), owners)
        files = [
            {
                "submission_id": one["id"],
                "position": 1,
                "hash": self.file.hash,
                "name": "page.html",
                "size": self.file.size,
                "media_type": "text/html",
            }
            for one in self.submissions
            if one["has_file"]
        ]
        if files:
            db.session.execute(insert(SubmissionFile), files)

    def _write_answers(self) -> None:
        answered = [one for one in self.submissions if one["decision"]]
        latest = {(one["row"]["deliverable_id"], one["group"][0].id): one["number"] for one in self.submissions}
        for one in answered:
            one["answered_at"] = min(
                one["row"]["submitted_at"] + timedelta(hours=self.random.randrange(3, 40)),
                self.demo.now - timedelta(minutes=15),
            )
        feedback_ids: list[int] = []
        if answered:
            feedback_ids = list(
                db.session.scalars(
                    insert(Feedback).returning(Feedback.id, sort_by_parameter_order=True),
                    [self._feedback(one) for one in answered],
                )
            )
        for one, feedback_id in zip(answered, feedback_ids, strict=True):
            one["feedback_id"] = feedback_id
        states = [
            {
                "submission_id": one["id"],
                "school_id": self.cohort.school_id,
                "cohort_id": self.cohort.id,
                "assignment_id": one["row"]["assignment_id"],
                "submitted_at": one["row"]["submitted_at"],
                "is_waiting": not one["decision"]
                and latest[one["row"]["deliverable_id"], one["group"][0].id] == one["number"],
                "decision": one["decision"],
                "decided_at": one.get("answered_at"),
                "feedback_id": one.get("feedback_id"),
            }
            for one in self.submissions
        ]
        db.session.execute(insert(SubmissionState), states)
        marks = [mark for one in answered for mark in self._marks(one)]
        awards = [award for one in answered if one["decision"] == VALIDATED for award in self._awards(one)]
        if marks:
            db.session.execute(insert(CriterionMark), marks)
        if awards:
            db.session.execute(insert(Award), awards)

    def _feedback(self, one: dict) -> dict:
        comments = plan.COMMENTS_GOOD if one["decision"] == VALIDATED else plan.COMMENTS_TO_COMPLETE
        return {
            "school_id": self.cohort.school_id,
            "submission_id": one["id"],
            "trainer_id": self.random.choice(self.trainers),
            "number": 1,
            "decision": one["decision"],
            "comment": self.random.choice(comments),
            "sent_at": one["answered_at"],
        }

    def _marks(self, one: dict) -> list[dict]:
        data = one["version"].data
        words = data["marks"] or MARKS
        asked = [criterion for criterion in data["criteria"] if criterion["of"] in (None, one["key"])]
        lowest = 2 if one["decision"] == VALIDATED else 0
        made = []
        for position, criterion in enumerate(asked, 1):
            mark = 2 if position > 2 or lowest == 2 else self.random.choice((0, 1))
            made.append(
                {
                    "feedback_id": one["feedback_id"],
                    "position": position,
                    "criterion": criterion["id"],
                    "text": criterion["text"],
                    "mark": mark,
                    "word": words[mark],
                }
            )
        return made

    def _awards(self, one: dict) -> list[dict]:
        made = []
        for target in one["version"].data["competences"]:
            for person in one["group"]:
                held = self.levels.get((person.id, target["id"]), 0)
                if target["level"] <= held or target["id"] not in self.competences:
                    continue
                self.levels[person.id, target["id"]] = target["level"]
                made.append(
                    {
                        "school_id": self.cohort.school_id,
                        "person_id": person.id,
                        "competence_id": self.competences[target["id"]],
                        "level": target["level"],
                        "submission_id": one["id"],
                        "feedback_id": one["feedback_id"],
                        "trainer_id": self.trainers[0],
                        "awarded_at": one["answered_at"],
                    }
                )
        return made


def projects_of(programme_id: int, number: int) -> list[ProjectVersion]:
    """Return the projects of a programme at a revision, in their order."""
    return list(
        db.session.scalars(
            select(ProjectVersion)
            .where(
                ProjectVersion.programme_id == programme_id,
                ProjectVersion.since <= number,
                (ProjectVersion.until.is_(None)) | (ProjectVersion.until >= number),
            )
            .order_by(ProjectVersion.position)
        )
    )
