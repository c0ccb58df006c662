"""A page of a course that something is done with: who may read it, and at which revision."""

from flask import abort, request

from popschool.auth import guards
from popschool.auth.rules import STAFF, Action
from popschool.courses import services_readers
from popschool.courses.services_readers import Reading
from popschool.schools.rules import Place


def reading_of(page_id: int) -> tuple[Reading, int]:
    """Ask for permission to read a page; return its reading, and the revision to show."""
    actor = guards.actor()
    mine = actor.learns_in | actor.learnt_in | actor.trains_in
    found = services_readers.page_reading(mine, page_id=page_id)
    found = found or services_readers.programme_page_reading(mine, page_id=page_id)
    is_staff = actor.holds(*STAFF)
    if found is None or not (found.cohorts or is_staff):
        abort(404)
    guards.require(Action.READ_COURSE, Place(cohorts=frozenset(found.cohorts)))
    return found, found.number(request.args.get("revision", type=int), is_staff) or abort(404)
