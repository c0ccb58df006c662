"""The index of what pages say: SQLite's FTS5 or PostgreSQL's full text, behind two functions.

A page goes in the index when it is kept, under the hash of what made it, once for all the revisions that hold it. A
search reads the index through page versions, which a sync writes all at once: it shows what a revision holds, no more.
"""

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import DDL, Row, bindparam, event, func, insert, literal_column, select, text

from popschool.courses.models import PageVersion, Rendered, SearchText
from popschool.courses.rules_search import SHORTEST_PREFIX, index_words
from popschool.db import db

# So many hold one page more than are shown, each in four versions.
TITLE_WEIGHT, MOST_RANKED = 8.0, 44
PAGES_AT_ONCE = 500
CREATE = (
    "CREATE VIRTUAL TABLE search_index"
    " USING fts5(title, body, content='', detail=column, prefix='2 3 4', tokenize='unicode61')"
)
# What shows a text of the index in one of the places where somebody looks, a programme at a revision.
SHOWN = """version.page_id, version.variant, version.role, version.title, version.rendered_hash,
    project.title AS project"""
PAGES = """page_version version
    JOIN page ON page.id = version.page_id
    LEFT JOIN project_version project ON project.project_id = page.project_id
    JOIN places place ON place.programme_id = coalesce(page.programme_id, project.programme_id)
        AND version.since <= place.number AND coalesce(version.until, place.number) >= place.number
        AND (project.id IS NULL OR project.since <= place.number)
        AND (project.id IS NULL OR coalesce(project.until, place.number) >= place.number)
    WHERE version.rendered_hash = search_text.hash AND version.role <> {hidden}"""
# Each page once: as itself, or else as a version of it. The texts are read last, for the few pages that are shown.
BEST = """SELECT best.page_id, variant, role, title, project, rendered.text AS said
    FROM (
        SELECT * FROM (
            SELECT found.*, row_number() OVER (PARTITION BY page_id ORDER BY variant, rank) AS turn FROM found
        ) each_page
        WHERE turn = 1 ORDER BY rank, page_id LIMIT {most}
    ) best
    JOIN rendered ON rendered.hash = best.rendered_hash
    ORDER BY rank, best.page_id"""

# Above :most_ranked, pages are taken as they come: a rank costs a look at all that each page says.
IN_SQLITE = f"""WITH places AS MATERIALIZED (
        SELECT json_extract(value, '$[0]') AS programme_id, json_extract(value, '$[1]') AS number
        FROM json_each(:places)
    ), found AS MATERIALIZED (
        SELECT {SHOWN},
            CASE WHEN (
                SELECT count(*)
                FROM (SELECT 1 FROM search_index WHERE search_index MATCH :asked LIMIT :most_ranked + 1)
            ) > :most_ranked THEN 0 ELSE bm25(search_index, {TITLE_WEIGHT}, 1.0) END AS rank
        FROM search_index CROSS JOIN search_text ON search_text.id = search_index.rowid
            CROSS JOIN {PAGES.format(hidden=":hidden")} AND search_index MATCH :asked
        LIMIT :most_ranked + 1
    ) {BEST.format(most=":most")}"""

# An index of PostgreSQL keeps no weights, so the words of titles have one of their own.
TITLE_WORDS = "ts_filter(words, '{a}'::\"char\"[])"
CREATE_TITLES = f"CREATE INDEX search_index_titles ON search_text USING gin ({TITLE_WORDS})"


def _in_postgresql(words: str, most: str) -> str:
    """Return the search of one index. LATERAL and its offset have it begin by the words, not by all of a programme."""
    return f"""WITH places AS MATERIALIZED (
        SELECT * FROM unnest(programmes, numbers) AS given (programme_id, number)
    ), found AS MATERIALIZED (
        SELECT few.*, CASE WHEN count(*) OVER () > most_ranked THEN 0 ELSE -ts_rank(words, asked) END AS rank
        FROM (
            SELECT shown.*, search_text.words
            FROM search_text CROSS JOIN LATERAL (SELECT {SHOWN} FROM {PAGES.format(hidden="hidden")} OFFSET 0) shown
            WHERE {words} @@ asked LIMIT most_ranked + 1
        ) few
    ) {BEST.format(most=most)}"""


# PostgreSQL plans a question for longer than it answers it: a function is planned once a connection. It takes the
# table of words for a small one, since long values are kept apart, and would open each of them: only by its indexes.
CREATE_FUNCTION = f"""CREATE FUNCTION search_pages(
    asked tsquery, programmes integer[], numbers integer[], hidden text, most integer, most_ranked integer
) RETURNS TABLE (page_id integer, variant varchar, role varchar, title varchar, project varchar, said text)
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    in_titles integer;
BEGIN
    RETURN QUERY {_in_postgresql(TITLE_WORDS, "most")};
    GET DIAGNOSTICS in_titles = ROW_COUNT;
    IF in_titles < most THEN
        RETURN QUERY {_in_postgresql("words", "most + in_titles")};
    END IF;
END $$"""
SQLITE = text(IN_SQLITE)
POSTGRESQL = text(
    "SELECT * FROM search_pages(to_tsquery('simple', :asked), CAST(:programmes AS integer[]),"
    " CAST(:numbers AS integer[]), :hidden, :most, :most_ranked)"
)

event.listen(SearchText.__table__, "after_create", DDL(CREATE).execute_if(dialect="sqlite"))
event.listen(SearchText.__table__, "before_drop", DDL("DROP TABLE search_index").execute_if(dialect="sqlite"))
for made in (CREATE_TITLES, CREATE_FUNCTION):
    event.listen(SearchText.__table__, "after_create", DDL(made).execute_if(dialect="postgresql"))


def keep_texts(pages: Iterable[tuple[str, str, str]]) -> None:
    """Put pages in the index, as (hash, title, text). Inside the caller's transaction; each hash goes in once."""
    rows = [{"hash": name, "title": index_words(title), "body": index_words(body)} for name, title, body in pages]
    if not rows:
        return
    if db.engine.dialect.name == "sqlite":
        db.session.execute(insert(SearchText), [{"hash": row["hash"]} for row in rows])
        put = (
            "INSERT INTO search_index (rowid, title, body) SELECT id, :title, :body FROM search_text WHERE hash = :hash"
        )
        db.session.execute(text(put), rows)
        return
    title = func.setweight(func.to_tsvector("simple", bindparam("title")), literal_column("'A'"))
    body = func.setweight(func.to_tsvector("simple", bindparam("body")), literal_column("'B'"))
    put = insert(SearchText).values(hash=bindparam("hash"), words=title.op("||")(body))
    db.session.connection().execute(put, rows)


def rebuild() -> None:
    """Fill an empty index from the pages that are kept. Inside the caller's transaction."""
    version = select(func.min(PageVersion.title)).where(PageVersion.rendered_hash == Rendered.hash).scalar_subquery()
    pages = db.session.execute(select(Rendered.hash, version, Rendered.text).execution_options(yield_per=PAGES_AT_ONCE))
    for some in pages.partitions():
        keep_texts((name, title or "", said) for name, title, said in some)


def pages_found(words: Sequence[str], places: Sequence[tuple[int, int]], hidden: str, most: int) -> list[Row]:
    """Return the pages where all these words stand, in programmes at revisions, but for those of a hidden role.

    First those with all the words in their title. Two queries at most. A page comes twice if both its title and a
    version of it say them; `most` different ones come, or all that there are.
    """
    given = {"hidden": hidden, "most": most, "most_ranked": MOST_RANKED}
    end = "*" if len(words[-1]) >= SHORTEST_PREFIX else ""
    connection = db.session.connection()
    if db.engine.dialect.name == "sqlite":
        asked = " AND ".join(f'"{word}"' for word in words) + end
        given["places"] = json.dumps(places)
        rows = list(connection.execute(SQLITE, given | {"asked": f"title : ({asked})"}))
        if len(rows) < most:
            rows += connection.execute(SQLITE, given | {"asked": asked, "most": most + len(rows)})
        return rows
    programmes, numbers = zip(*places, strict=True)
    given |= {"asked": " & ".join(words) + (f":{end}" if end else "")}
    return list(connection.execute(POSTGRESQL, given | {"programmes": list(programmes), "numbers": list(numbers)}))
