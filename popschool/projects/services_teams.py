"""Teams: made by the trainer, by chance or by learners. A change of team never touches what was handed in."""

from datetime import datetime
from itertools import combinations
from random import Random

from sqlalchemy import select

from popschool.db import db, transaction
from popschool.projects import rules
from popschool.projects.models import Assignment, Team, TeamMember
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


def past_pairs(cohort_id: int) -> list[tuple[int, int]]:
    """Return the pairs of people who have been in one team, in this cohort."""
    rows = db.session.execute(
        select(TeamMember.team_id, TeamMember.person_id)
        .join(Assignment, Assignment.id == TeamMember.assignment_id)
        .where(Assignment.cohort_id == cohort_id)
        .order_by(TeamMember.team_id)
    )
    teams: dict[int, list[int]] = {}
    for team_id, person_id in rows:
        teams.setdefault(team_id, []).append(person_id)
    return [pair for members in teams.values() for pair in combinations(members, 2)]


def draw(assignment: Assignment, people: list[Person], now: datetime, seed: int) -> list[Team]:
    """Make teams by chance of those who are in none, avoiding the last pairs."""
    with transaction(lock=f"teams/{assignment.id}"):
        placed = {person.id for _team, members in teams_of(assignment) for person in members}
        free = [person.id for person in people if person.id not in placed]
        drawn = rules.draw_teams(free, assignment.team_size, past_pairs(assignment.cohort_id), Random(seed))
        return [_form(assignment, members, now) for members in drawn]


def form(assignment: Assignment, people: list[Person], now: datetime) -> Team:
    """Make a team of these people; each leaves the team they were in. Raises TeamFull."""
    if len(people) > assignment.team_size + 1:
        raise rules.TeamFull(assignment.team_size)
    with transaction(lock=f"teams/{assignment.id}"):
        for person in people:
            _leave(assignment, person.id, now)
        return _form(assignment, [person.id for person in people], now)


def _form(assignment: Assignment, people: list[int], now: datetime) -> Team:
    count = len(db.session.scalars(select(Team.id).where(Team.assignment_id == assignment.id)).all())
    team = Team(school_id=assignment.school_id, assignment_id=assignment.id, name=f"Équipe {count + 1}", formed_at=now)
    db.session.add(team)
    db.session.flush()
    for person_id in people:
        db.session.add(TeamMember(team_id=team.id, assignment_id=assignment.id, person_id=person_id, joined_at=now))
    db.session.flush()
    return team


def join(team: Team, assignment: Assignment, person_id: int, now: datetime) -> None:
    """Join a team that has room, leaving one's own. Raises TeamFull."""
    with transaction(lock=f"teams/{assignment.id}"):
        members = db.session.scalars(
            select(TeamMember.person_id).where(TeamMember.team_id == team.id, TeamMember.left_at.is_(None))
        ).all()
        if person_id in members:
            return
        if len(members) >= assignment.team_size or team.dissolved_at is not None:
            raise rules.TeamFull(assignment.team_size)
        _leave(assignment, person_id, now)
        db.session.add(TeamMember(team_id=team.id, assignment_id=assignment.id, person_id=person_id, joined_at=now))


def place(team: Team, assignment: Assignment, person_id: int, now: datetime) -> None:
    """Put somebody in a team, as its trainer: one more than its size is allowed."""
    with transaction(lock=f"teams/{assignment.id}"):
        _leave(assignment, person_id, now)
        db.session.add(TeamMember(team_id=team.id, assignment_id=assignment.id, person_id=person_id, joined_at=now))


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
