"""Looking for words in the courses that somebody reads, as the revision of their cohort has them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Select, bindparam, or_, select

from popschool.courses import rules
from popschool.courses.models import Programme, ProgrammeVersion, Project, ProjectVersion, Revision, Source
from popschool.courses.rules_search import asked_words, fold, marked, passage
from popschool.courses.search import pages_found
from popschool.courses.services import holds
from popschool.db import db
from popschool.schools.models import Cohort

MOST_SHOWN = 10

Parts = list[tuple[str, bool]]


@dataclass(frozen=True)
class Scope:
    """A programme at a revision: where somebody may look."""

    programme_id: int
    number: int


@dataclass(frozen=True)
class Hit:
    """A page found: its title and a passage, in parts, True for those that were looked for."""

    page_id: int
    variant: str
    role: str
    project: str
    title: Parts
    passage: Parts


@dataclass(frozen=True)
class Found:
    """What a search found. `has_more` when there is more than a page shows."""

    words: list[str]
    hits: list[Hit]
    has_more: bool = False


def scopes_of(cohorts: Iterable[int]) -> list[Scope]:
    """Return the programmes of these cohorts, each at the latest revision that one of them reads."""
    rows = db.session.connection().execute(_read_by_cohorts(), {"cohorts": list(cohorts)})
    latest = {programme_id: number for programme_id, number in rows}
    return [Scope(programme_id, number) for programme_id, number in latest.items()]


@cache
def _read_by_cohorts() -> Select:
    query = select(Cohort.programme_id, Revision.number).join(Revision, Revision.id == Cohort.revision_id)
    return query.where(Cohort.id.in_(bindparam("cohorts", expanding=True))).order_by(Revision.number)


def live_scopes() -> list[Scope]:
    """Return every programme that serves now, for those who write and manage courses."""
    query = (
        select(Programme.id, Revision.number)
        .join(Source, Source.id == Programme.source_id)
        .join(Revision, Revision.id == Source.live_revision_id)
        .join(ProgrammeVersion, ProgrammeVersion.programme_id == Programme.id)
        .where(holds(ProgrammeVersion, Revision.number))
    )
    return [Scope(programme_id, number) for programme_id, number in db.session.execute(query)]


def find(question: str, scopes: Sequence[Scope], with_team: bool) -> Found:
    """Return the pages where all the words of a question stand, first in their title. Two queries at most."""
    words = asked_words(question)
    if not words or not scopes:
        return Found(words, [])
    places = [(scope.programme_id, scope.number) for scope in scopes]
    rows = pages_found(words, places, "" if with_team else rules.TEAM, MOST_SHOWN + 1)
    kept = {}
    for row in rows:
        kept.setdefault(row.page_id, row)
    hits = [_hit(row, words) for row in list(kept.values())[:MOST_SHOWN]]
    return Found(words, hits, len(kept) > MOST_SHOWN)


@dataclass(frozen=True)
class Word:
    """A word of the glossary: each of its meanings, with the id and the title of the project that gives it, or None."""

    word: str
    meanings: list[tuple[str, int | None, str]]


def glossary(scopes: Sequence[Scope], asked: str = "") -> list[Word]:
    """Return the words of some programmes as a dictionary has them; only those that hold what is asked. Two queries."""
    wanted = [
        (ProgrammeVersion.programme_id == scope.programme_id) & holds(ProgrammeVersion, scope.number)
        for scope in scopes
    ]
    if not wanted:
        return []
    said: dict[str, list[dict]] = {}
    for data in db.session.scalars(select(ProgrammeVersion.data).where(or_(*wanted))):
        for word, meanings in data.get("words", {}).items():
            said.setdefault(word, []).extend(meanings)
    kept = {word: meanings for word, meanings in said.items() if fold(asked) in fold(word)}
    keys = {one["project"] for meanings in kept.values() for one in meanings if one["project"]}
    titles = _titles(keys, scopes)
    return [
        Word(word, [(one["meaning"], *titles.get(one["project"], (None, ""))) for one in kept[word]])
        for word in sorted(kept, key=lambda word: (fold(word), word))
    ]


def _titles(keys: Collection[str], scopes: Sequence[Scope]) -> dict[str, tuple[int, str]]:
    places = [(ProjectVersion.programme_id == one.programme_id) & holds(ProjectVersion, one.number) for one in scopes]
    rows = db.session.execute(
        select(Project.key, Project.id, ProjectVersion.title)
        .join(ProjectVersion, ProjectVersion.project_id == Project.id)
        .where(or_(*places), Project.key.in_(keys))
    )
    return {key: (project_id, title) for key, project_id, title in rows}


def _hit(row, words: list[str]) -> Hit:
    return Hit(
        row.page_id, row.variant, row.role, row.project or "", marked(row.title, words), passage(row.said, words)
    )
