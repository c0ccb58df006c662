"""What a record holds besides half-days, and cannot pass to another: work, awards, papers that say its name."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, literal, or_, select, union_all

from popschool.db import Base, db
from popschool.schools.models import Enrolment

# The ledger is entered again for the person who stays, a place is given again, an account is closed. Messages, ways in
# and settings of the record stay with it: nobody loses a fact by that. A paper in a document names its own place.
PASSED = frozenset(
    ("expected", "attendance_entry", "presence_day", "enrolment", "account", "invitation", "sign_in_code", "notice",
     "signing_pin", "calendar_feed", "person_merge", "person")
)  # fmt: skip
WHOSE = {"person_id": "person.id", "enrolment_id": "enrolment.id"}
PERSON = bindparam("person")


def held_apart(person_id: int) -> Sequence[str]:
    """Return the tables in which a record has something of its own that a merge cannot pass on. One query."""
    return db.session.scalars(_asked(), {"person": person_id}).all()


@cache
def _asked() -> Select:
    """Built from the tables that there are: one that comes later keeps its rows without being named here."""
    places = select(Enrolment.id).where(Enrolment.person_id == PERSON)
    asked = []
    for table in Base.metadata.sorted_tables:
        held: list[ColumnElement[bool]] = [
            table.c[name].in_(places) if name == "enrolment_id" else table.c[name] == PERSON
            for name, target in WHOSE.items()
            if name in table.c and any(key.target_fullname == target for key in table.c[name].foreign_keys)
        ]
        if held and table.name not in PASSED:
            asked.append(select(literal(table.name)).where(select(table).where(or_(*held)).exists()))
    return union_all(*asked)
