"""The index of what pages say: SQLite's FTS5 or PostgreSQL's full text, behind two functions.

A page goes in the index when it is kept, under the hash of what made it, once for all the revisions that hold it. A
search reads the index through page versions, which a sync writes all at once: it shows what a revision holds, no more.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import DDL, bindparam, event, func, insert, literal_column, text

from popschool.courses.models import SearchText
from popschool.courses.rules_search import SHORTEST_PREFIX, index_words
from popschool.db import db

TITLE_WEIGHT = 8.0
CREATE = (
    "CREATE VIRTUAL TABLE search_index"
    " USING fts5(title, body, content='', detail=column, prefix='2 3 4', tokenize='unicode61')"
)

event.listen(SearchText.__table__, "after_create", DDL(CREATE).execute_if(dialect="sqlite"))
event.listen(SearchText.__table__, "before_drop", DDL("DROP TABLE search_index").execute_if(dialect="sqlite"))


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


@dataclass(frozen=True)
class Question:
    """Words as each database asks for them, in the whole of pages or in their titles alone."""

    words: tuple[str, ...]
    only_titles: bool = False

    def asked(self) -> str:
        """Write the question: every word, the last one as a beginning."""
        last, is_open = len(self.words) - 1, len(self.words[-1]) >= SHORTEST_PREFIX
        if db.engine.dialect.name == "sqlite":
            words = " AND ".join(f'"{word}"' for word in self.words) + ("*" if is_open else "")
            return f"title : ({words})" if self.only_titles else words
        marks = ["*" if is_open and place == last else "" for place in range(len(self.words))]
        marks = [f"{mark}A" for mark in marks] if self.only_titles else marks
        return " & ".join(f"{word}:{mark}" if mark else word for word, mark in zip(self.words, marks, strict=True))


def found_sql(ranked: bool) -> str:
    """Return what selects the id of each page that the index finds for :asked, with a rank, the best one lowest.

    A rank costs a look at each page found.
    """
    if db.engine.dialect.name == "sqlite":
        rank = f"bm25(search_index, {TITLE_WEIGHT}, 1.0)" if ranked else "0"
        return f"SELECT rowid AS id, {rank} AS rank FROM search_index WHERE search_index MATCH :asked"
    rank = "-ts_rank(words, to_tsquery('simple', :asked))" if ranked else "0"
    return f"SELECT id, {rank} AS rank FROM search_text WHERE words @@ to_tsquery('simple', :asked)"


def begin_by_index() -> None:
    """Have what follows in this transaction find pages by the index. One query on PostgreSQL, none on SQLite.

    PostgreSQL takes its table of words for a small one, since long values are kept apart, and would open each of them.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL enable_seqscan = off"))


def count_up_to(question: Question, most: int) -> int:
    """Count what the index finds, and stop when there is more than enough."""
    few = text(f"SELECT count(*) FROM ({found_sql(ranked=False)} LIMIT :most) few")
    return db.session.connection().execute(few, {"asked": question.asked(), "most": most + 1}).scalar_one()
