"""The margin of a page: what features below put in it for the person who reads. They add themselves to WRITERS."""

from collections.abc import Callable

# A writer takes the page's id, its sections, and the cohorts in which the reader learns; it returns the sections.
Writer = Callable[[int, list[dict], frozenset[int]], list[dict]]
WRITERS: list[Writer] = []


def written(page_id: int | None, sections: list[dict], cohorts: frozenset[int]) -> list[dict]:
    """Return the sections of a page with everything that is the reader's own."""
    if page_id is None or not cohorts:
        return sections
    for write in WRITERS:
        sections = write(page_id, sections, cohorts)
    return sections
