"""Rendered pages and files put where they stay: the database and the storage, in small transactions of their own.

They go by the hash of what made them, so one that no revision uses yet does no harm.
"""

from hashlib import sha256

from sqlalchemy import insert, select

from popschool import storage
from popschool.courses import search
from popschool.courses.models import Asset, Page, PageVersion, Quiz, Rendered
from popschool.db import db, transaction
from popschool.markdown_page import Rendered as RenderedPage

AT_ONCE = 500


class DatabaseShelf:
    """Keeps what a sync of one source makes."""

    def __init__(self, source_id: int):
        self.source_id = source_id

    def missing(self, hashes: set[str]) -> set[str]:
        """Return the hashes of which nothing is kept. What serves now is asked for at once."""
        serving = select(PageVersion.rendered_hash).join(Page)
        serving = serving.where(Page.source_id == self.source_id, PageVersion.until.is_(None))
        return self._missing(hashes - set(db.session.scalars(serving)))

    def _missing(self, hashes: set[str]) -> set[str]:
        wanted = sorted(hashes)
        found: set[str] = set()
        for start in range(0, len(wanted), AT_ONCE):
            part = wanted[start : start + AT_ONCE]
            found.update(db.session.scalars(select(Rendered.hash).where(Rendered.hash.in_(part))))
        if not db.session.info.get("transaction_depth"):
            db.session.commit()  # ends the read: what follows takes its time
        return hashes - found

    def keep_pages(self, pages: list[tuple[str, RenderedPage]]) -> None:
        """Keep pages; those that another sync has just made are left as they are."""
        rows = {name: page for name, page in pages}
        with transaction(lock="rendered"):
            missing = self._missing(set(rows))
            values = [
                {
                    "hash": name,
                    "sections": [{"id": part.id, "title": part.title, "html": part.html} for part in page.sections],
                    "headings": [list(heading) for heading in page.headings],
                    "text": page.text,
                }
                for name, page in rows.items()
                if name in missing
            ]
            if values:
                db.session.execute(insert(Rendered), values)
            quizzes = [
                {"hash": name, "questions": list(page.questions)}
                for name, page in rows.items()
                if name in missing and page.questions
            ]
            if quizzes:
                db.session.execute(insert(Quiz), quizzes)
            search.keep_texts((name, page.title, page.text) for name, page in rows.items() if name in missing)

    def keep_file(self, data: bytes, media_type: str, width: int = 0, height: int = 0) -> str:
        """Keep a file and what a browser must know of it. Returns its name."""
        name = sha256(data).hexdigest()
        storage.put(data)
        with transaction(lock="asset"):
            if db.session.get(Asset, name) is None:
                storage.put(data)  # whoever was removing it held this lock
                db.session.add(Asset(hash=name, media_type=media_type, width=width, height=height, size=len(data)))
        return name
