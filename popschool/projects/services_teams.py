"""Teams: made by the trainer, by chance or by learners. A change of team never touches what was handed in."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import combinations
from random import Random

from sqlalchemy import func, select

from popschool.db import db, transaction
from popschool.projects import rules_teams as rules
from popschool.projects.models import Assignment, Team, TeamMember
from popschool.schools.cohorts import check_open
from popschool.schools.models import Person


def teams_of(assignment: Assignment) -> list[tuple[Team, list[Person]]]:
    """Return the teams of an assignment with their members today. One query."""
    rows = db.session.execute(
        select(Team, Person)
        .outerjoin(TeamMember, (TeamMember.team_id == Team.id) & TeamMember.left_at.is_(None))
        .outerjoin(Person, Person.id == TeamMember.person_id)
        .where(Team.assignment_id == assignment.id, Team.dissolved_at.is_(None))
        .order_by(Team.id, Person.last_name, Person.first_name)
    )
    teams: dict[int, tuple[Team, list[Person]]] = {}
    for team, person in rows:
        teams.setdefault(team.id, (team, []))
        if person is not None:
            teams[team.id][1].append(person)
    return list(teams.values())


def past_rounds(assignment: Assignment) -> list[list[rules.Pair]]:
    """Return who has worked with whom in the cohort's other assignments, one list for each, the oldest first.

    Two people have worked together when they were in one team at the same time. One query.
    """
    rows = db.session.execute(
        select(TeamMember, Assignment.id)
        .join(Assignment, Assignment.id == TeamMember.assignment_id)
        .where(
            Assignment.cohort_id == assignment.cohort_id,
            Assignment.id != assignment.id,
            Assignment.withdrawn_at.is_(None),
        )
        .order_by(Assignment.opens_at, Assignment.id, TeamMember.team_id, TeamMember.id)
    )
    rounds: dict[int, dict[int, list[TeamMember]]] = {}
    for member, assignment_id in rows:
        rounds.setdefault(assignment_id, {}).setdefault(member.team_id, []).append(member)
    return [[pair for members in teams.values() for pair in _met(members)] for teams in rounds.values()]


def _met(members: Sequence[TeamMember]) -> Iterable[rules.Pair]:
    for one, other in combinations(members, 2):
        is_over = (one.left_at is not None and one.left_at <= other.joined_at) or (
            other.left_at is not None and other.left_at <= one.joined_at
        )
        if one.person_id != other.person_id and not is_over:
            yield one.person_id, other.person_id


def draw(assignment: Assignment, people: Sequence[Person], now: datetime, seed: int) -> list[Team]:
    """Make teams by chance of those who are in none, avoiding the last pairs. Raises CohortArchived.

    One person left over joins the smallest team there is, rather than work alone.
    """
    check_open(assignment.cohort)
    with transaction(lock=f"teams/{assignment.id}"):
        teams = teams_of(assignment)
        placed = {person.id for _team, members in teams for person in members}
        free = [person.id for person in people if person.id not in placed]
        if len(free) == 1 and teams:
            smallest, _members = min(teams, key=lambda pair: len(pair[1]))
            _join(smallest, assignment, free[0], now)
            return [smallest]
        drawn = rules.draw_teams(free, assignment.team_size, past_rounds(assignment), Random(seed))
        return [_form(assignment, members, now) for members in drawn]


def form(assignment: Assignment, people: Sequence[Person], now: datetime) -> Team:
    """Make a team of these people; each leaves the team they were in. Raises TeamFull or CohortArchived."""
    check_open(assignment.cohort)
    rules.check_room(len(people) - 1, assignment.team_size, by_trainer=True)
    with transaction(lock=f"teams/{assignment.id}"):
        for person in people:
            _leave(assignment, person.id, now)
        return _form(assignment, [person.id for person in people], now)


def _form(assignment: Assignment, people: Sequence[int], now: datetime) -> Team:
    count = db.session.scalar(select(func.count()).select_from(Team).where(Team.assignment_id == assignment.id))
    team = Team(school_id=assignment.school_id, assignment_id=assignment.id, name=f"Équipe {count + 1}", formed_at=now)
    db.session.add(team)
    db.session.flush()
    for person_id in people:
        _join(team, assignment, person_id, now)
    return team


def _join(team: Team, assignment: Assignment, person_id: int, now: datetime) -> None:
    db.session.add(TeamMember(team_id=team.id, assignment_id=assignment.id, person_id=person_id, joined_at=now))
    db.session.flush()


def join(team: Team, assignment: Assignment, person_id: int, now: datetime) -> None:
    """Join a team that has room, leaving one's own. Raises TeamFull, TeamGone or CohortArchived."""
    _enter(team, assignment, person_id, now, by_trainer=False)


def place(team: Team, assignment: Assignment, person_id: int, now: datetime) -> None:
    """Put somebody in a team, as its trainer: one more than its size is allowed. Raises as `join` does."""
    _enter(team, assignment, person_id, now, by_trainer=True)


def _enter(team: Team, assignment: Assignment, person_id: int, now: datetime, by_trainer: bool) -> None:
    check_open(assignment.cohort)
    with transaction(lock=f"teams/{assignment.id}"):
        db.session.refresh(team)
        members = db.session.scalars(
            select(TeamMember.person_id).where(TeamMember.team_id == team.id, TeamMember.left_at.is_(None))
        ).all()
        if person_id in members:
            return
        if team.dissolved_at is not None:
            raise rules.TeamGone
        rules.check_room(len(members), assignment.team_size, by_trainer)
        _leave(assignment, person_id, now)
        _join(team, assignment, person_id, now)


def leave(assignment: Assignment, person_id: int, now: datetime) -> None:
    """Leave one's team; an empty team is dissolved."""
    with transaction(lock=f"teams/{assignment.id}"):
        _leave(assignment, person_id, now)


def _leave(assignment: Assignment, person_id: int, now: datetime) -> None:
    for member in db.session.scalars(
        select(TeamMember).where(
            TeamMember.assignment_id == assignment.id, TeamMember.person_id == person_id, TeamMember.left_at.is_(None)
        )
    ):
        member.left_at = now
        db.session.flush()
        others = db.session.scalar(
            select(TeamMember.id).where(TeamMember.team_id == member.team_id, TeamMember.left_at.is_(None)).limit(1)
        )
        if others is None:
            db.session.get(Team, member.team_id).dissolved_at = now
