"""Looking for words in the courses that somebody reads, as the revision of their cohort has them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from sqlalchemy import TextClause, or_, select, text

from popschool.courses import rules
from popschool.courses.models import Programme, ProgrammeVersion, Project, ProjectVersion, Revision, Source
from popschool.courses.rules_search import asked_words, fold, marked, passage
from popschool.courses.search import Question, begin_by_index, count_up_to, found_sql
from popschool.courses.services import holds
from popschool.db import db
from popschool.schools.models import Cohort

# Above this, pages are taken as they come, those whose title matches first: ranking them all costs more than it says.
MOST_RANKED = 300
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
    query = select(Cohort.programme_id, Revision.number).join(Revision, Revision.id == Cohort.revision_id)
    rows = db.session.execute(query.where(Cohort.id.in_(cohorts)).order_by(Revision.number))
    latest = {programme_id: number for programme_id, number in rows}
    return [Scope(programme_id, number) for programme_id, number in latest.items()]


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
    """Return the pages where all the words of a question stand. Two to four queries."""
    words = asked_words(question)
    if not words or not scopes:
        return Found(words, [])
    asked = Question(tuple(words))
    begin_by_index()
    if count_up_to(asked, MOST_RANKED) <= MOST_RANKED:
        rows = _rows(asked, True, scopes, with_team)
    else:
        rows = _rows(replace(asked, only_titles=True), True, scopes, with_team)
        if len({row.page_id for row in rows}) <= MOST_SHOWN:
            rows += _rows(asked, False, scopes, with_team)
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
        row.page_id, row.variant, row.role, row.project or "", marked(row.title, words), passage(row.text, words)
    )


def _rows(asked: Question, ranked: bool, scopes: Sequence[Scope], with_team: bool) -> list:
    """Read page versions through the index. Several versions of a page may come: the first one is shown."""
    given = {"asked": asked.asked(), "most": MOST_SHOWN * 2 + 1, "team": "" if with_team else rules.TEAM}
    for rank, scope in enumerate(scopes):
        given |= {f"programme{rank}": scope.programme_id, f"number{rank}": scope.number}
    return list(db.session.connection().execute(_statement(db.engine.dialect.name, ranked, len(scopes)), given))


@lru_cache(maxsize=64)
def _statement(dialect: str, ranked: bool, scopes: int) -> TextClause:
    """Write the query once for each number of programmes. The texts are read last, for the few pages that are shown."""
    places = " UNION ALL ".join(
        f"SELECT CAST(:programme{rank} AS INTEGER) AS programme_id, CAST(:number{rank} AS INTEGER) AS number"
        for rank in range(scopes)
    )
    columns = """version.page_id, version.variant, version.role, version.title, version.rendered_hash,
        project.title AS project"""
    pages = f"""page_version version
        JOIN page ON page.id = version.page_id
        LEFT JOIN project_version project ON project.project_id = page.project_id
        JOIN ({places}) place ON place.programme_id = coalesce(page.programme_id, project.programme_id)
            AND version.since <= place.number AND coalesce(version.until, place.number) >= place.number
            AND (project.id IS NULL OR project.since <= place.number)
            AND (project.id IS NULL OR coalesce(project.until, place.number) >= place.number)
        WHERE version.rendered_hash = search_text.hash AND version.role <> :team"""
    if dialect == "postgresql":
        # It would read all of a programme first: LATERAL makes it begin by the words, and the offset keeps it so.
        shown = (
            f"search_text ON search_text.id = found.id CROSS JOIN LATERAL (SELECT {columns} FROM {pages} OFFSET 0) one"
        )
        columns = "one.*"
    else:
        shown = f"search_text ON search_text.id = found.id JOIN {pages}"
    return text(f"""
        SELECT page_id, variant, role, title, project, rendered.text
        FROM (
            SELECT {columns}, found.rank
            FROM ({found_sql(ranked)}) found JOIN {shown}
            {"ORDER BY found.rank, variant" if ranked else ""}
            LIMIT :most
        ) best
        JOIN rendered ON rendered.hash = best.rendered_hash
        {"ORDER BY best.rank, best.variant" if ranked else ""}
    """)
