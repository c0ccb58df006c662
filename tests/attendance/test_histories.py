"""Any history of a week: its hours add up, whoever was on a list stays on it, a closed sheet never moves."""

import dataclasses
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from popschool.attendance import ledger, services, services_marks, services_sheets, services_timetable, summaries
from popschool.attendance.models import Expected, PresenceDay
from popschool.attendance.models_sheets import Sheet
from popschool.attendance.rules import Mark
from popschool.attendance.services_marks import Said
from popschool.db import db
from popschool.errors import RuleBroken
from popschool.schools.models import Enrolment
from popschool.schools.places import move
from tests.attendance.weeks import AWAY, BUTTON, LATE, MONDAY, SICK, make_week
from tests.factories import make_cohort, make_learner, make_manager, save

MINUTE = timedelta(minutes=1)
SAID = [dataclasses.replace(one, reason="Vu avec la personne") for one in (AWAY, SICK, LATE, Said(Mark.PRESENT))]
acts = st.tuples(
    st.sampled_from(
        ("open", "sign", "sign", "mark", "correct", "withdraw", "countersign", "move", "walk_in", "cancel", "amend")
    ),
    st.integers(0, 2),
    st.integers(0, 2),
    st.integers(-20, 1500),
    st.sampled_from(SAID),
)


class History:
    """A week, its cohort and another one, and what must not change in them."""

    def __init__(self):
        self.week = make_week(half_days=3)
        self.cohort, self.trainer = self.week.cohort, self.week.trainer
        self.other, self.manager = make_cohort(self.cohort.school), make_manager(self.cohort.school)
        self.stranger = make_learner(self.other)
        save()
        self.lists: dict[int, set[int]] = {}
        self.sheets: dict[int, tuple] = {}

    def do(self, name, place, who, minutes, said):
        """Try one act; what the school refuses changes nothing."""
        half_day, person = self.week.half_days[place], self.week.people[who]
        at = half_day.span.starts_at + minutes * MINUTE
        enrolment = db.session.query(Enrolment).filter_by(person_id=person.id).order_by(Enrolment.id.desc()).first()
        try:
            {
                "open": lambda: services.open_half_day(half_day, self.trainer.id, at),
                "sign": lambda: services.sign(half_day, person, BUTTON, at),
                "mark": lambda: services_marks.mark(half_day, person, said, self.trainer, at),
                "correct": lambda: services_marks.mark(half_day, person, said, self.manager, at),
                "withdraw": lambda: services_marks.withdraw_signature(half_day, person, self.manager, "Erreur", at),
                "countersign": lambda: services.countersign(half_day, self.trainer, BUTTON, half_day.span.ends_at),
                "move": lambda: move(enrolment, self.other, half_day.on, self.manager.id, at),
                "walk_in": lambda: services_marks.add_walk_in(half_day, self.stranger, self.trainer, at),
                "cancel": lambda: services_timetable.cancel_half_day(half_day, "Neige", self.trainer.id, at),
                "amend": lambda: services_sheets.amend_week(
                    self.cohort, MONDAY, self.trainer, "Erreur", self.week.over
                ),
            }[name]()
        except RuleBroken:
            db.session.rollback()
        self.check()

    def close(self):
        """Say something of everybody, countersign, and close the week."""
        for half_day in self.week.half_days:
            at = half_day.span.ends_at + MINUTE
            for one in services_sheets.week_of(self.cohort.id, MONDAY):
                if one.half_day.id == half_day.id and one.half_day.opened_at is not None:
                    for line in one.waiting:
                        services_marks.mark(half_day, line.person, SAID[0], self.trainer, at)
            if half_day.opened_at is None and half_day.cancelled_at is None:
                services.open_half_day(half_day, self.trainer.id, at)
                for row in db.session.query(Expected).filter_by(half_day_id=half_day.id).all():
                    services_marks.mark(half_day, row.person, SAID[0], self.trainer, at)
            self.do("countersign", self.week.half_days.index(half_day), 0, 0, None)
        try:
            self.week.close()
        except RuleBroken:  # every half-day was cancelled
            db.session.rollback()
        self.check()
        assert list(summaries.differences()) == []

    def check(self):
        db.session.expire_all()
        for day in db.session.query(PresenceDay).filter_by(cohort_id=self.cohort.id):
            parts = (day.attended, day.distance, day.justified, day.unjustified, day.missing)
            assert day.planned == sum(parts) and min(parts) >= 0
        for half_day in self.week.half_days:
            people = {row.person_id for row in db.session.query(Expected).filter_by(half_day_id=half_day.id)}
            assert self.lists.get(half_day.id, set()) <= people
            self.lists[half_day.id] = people
        for sheet in db.session.query(Sheet).filter_by(cohort_id=self.cohort.id):
            now = (sheet.hash, sheet.previous_hash, sheet.content.content)
            assert self.sheets.setdefault(sheet.id, now) == now


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(before=st.lists(acts, max_size=10), after=st.lists(acts, max_size=6))
def test_any_history_adds_up_and_leaves_a_closed_sheet_alone(app, before, after):
    history = History()
    for act in before:
        history.do(*act)
    history.close()
    for act in after:
        history.do(*act)

    assert list(summaries.differences()) == []
    assert ledger.verify() is None
