"""Kept figures are what the facts add up to, whatever happened since, and a page costs what changed."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import Table, event, func, select
from sqlalchemy.sql import visitors

from popschool import kept
from popschool.attendance.models import HalfDayTrainer, PresenceDay
from popschool.attendance.models_absences import Excuse
from popschool.attendance.rules import StatesMissing
from popschool.completion import services_funding, services_report, services_report_kept
from popschool.completion.models import EnrolmentFunding, Funder
from popschool.completion.rules_report import exercise
from popschool.counted import FigureChange
from popschool.db import Base, db, transaction
from popschool.kept import TOGETHER, Counting, KeptFigure
from popschool.projects.models import Assignment, SubmissionState
from popschool.reports import counting, services_network, services_seen
from popschool.reports.counting import BY_COHORT, count, count_paid
from popschool.reports.rules_board import Selection, gather, rows_counted, total_of
from popschool.reports.services_board import gathered, plans_of, wanted_by
from popschool.reports.services_rows import OF_PLACES, rows_of
from popschool.reports.tasks import keep_figures
from popschool.rows import links_checked_at_the_end
from popschool.schools.models import Enrolment
from tests.completion.paths import HERE, ISSUED, NOTHING, START, TODAY, attend, make_path, pay, work_in_company
from tests.factories import add, make_award, make_cohort, make_half_day, make_learner, make_school, save

WEEK = timedelta(weeks=1)
YEAR = Selection(date(2027, 1, 1), date(2027, 12, 31), TODAY)
# A revision is never changed once it is made; neither is what a programme was at one.
NEVER_CHANGES = {"revision", "programme_version", "competence"}


def tables_of(statement) -> set[str]:
    return {one.name for one in visitors.iterate(statement) if isinstance(one, Table)}


@pytest.mark.parametrize("narrowed", [(), ("funder",), ("funder_id", "schools"), ("region", "programme_id")])
def test_every_table_that_figures_read_notes_its_changes(app, narrowed):
    dialect = db.engine.dialect.name
    read = tables_of(counting._statement(narrowed, BY_COHORT, dialect)) | tables_of(counting._paid(narrowed))
    read |= {name for statement in [_plans(narrowed)] for name in tables_of(statement)}

    watched = {name for name, table in Base.metadata.tables.items() if table.info.get("counted")}
    assert "presence_day" in read
    assert read - watched == read & NEVER_CHANGES


def test_every_table_that_the_yearly_report_reads_notes_its_changes(app):
    path = make_path()
    attend(path, [HERE])
    pay(path)
    read = set()

    def keep(context):
        read.update(tables_of(context.statement))

    event.listen(db.session, "do_orm_execute", keep)
    services_report.parts_of_year([path.cohort.school_id], *exercise(2027))
    event.remove(db.session, "do_orm_execute", keep)

    watched = {name for name, table in Base.metadata.tables.items() if table.info.get("counted")}
    assert {"presence_day", "half_day_trainer", "funding_setting", "company_week"} <= read
    assert read - watched == {"revision", "programme_version", "person"}, "names are read when they are shown"


def test_the_report_of_a_year_that_goes_on_counts_what_is_signed_today(app):
    path = make_path()
    year = exercise(START.year)
    assert services_report_kept.network_sheet(*year, START).total.minutes == 0

    attend(path, [HERE], START)

    found = services_report_kept.network_sheet(*year, START)
    assert found == services_report.yearly_sheet([path.cohort.school_id], *year)
    assert found.total.minutes + sum(one.minutes for one in found.people.values()) > 0 == found.entrusted.minutes


def _plans(narrowed):
    from popschool.reports import services_board

    return services_board._cohorts(narrowed)


def from_facts(selection: Selection):
    """Return the sums of a network, counted as if nothing were kept."""
    return total_of(gathered(count(selection, BY_COHORT), wanted_by(plans_of(selection))).values())


def paid_from_facts(selection: Selection):
    return total_of(gather(count_paid(selection), {}, {}, "employment_training").values())


class History:
    """Two schools and what happens there, by chance."""

    def __init__(self, chance: Random):
        self.chance = chance
        self.paths = [make_path(), make_path(school=make_school(region="Ailleurs"), first_name="Ali", last_name="Aron")]
        self.day = START

    def goes_on(self) -> str:
        act = self.chance.choice([name for name in dir(self) if name.startswith("act_")])
        getattr(self, act)(self.chance.choice(self.paths))
        save()
        return act

    def act_hold(self, path):
        while self.day.weekday() > 4:
            self.day += timedelta(days=1)
        with suppress(StatesMissing):  # nothing was said of those who joined
            attend(path, [self.chance.choice([HERE, "J", "A", NOTHING])], self.day)
        self.day += timedelta(days=1)

    def act_plan(self, path):
        make_half_day(path.cohort, path.trainer, on=TODAY - timedelta(days=self.chance.randint(-3, 3)), half="pm")

    def act_correct(self, path):
        found = db.session.query(PresenceDay).filter_by(cohort_id=path.cohort.id).first()
        if found is not None:
            found.attended, found.missing = found.missing, found.attended

    def act_join(self, path):
        make_learner(path.cohort, first_name="Zoé", last_name=self.chance.choice(["Zola", "Aron", "Zweig"]))

    def act_leave(self, path):
        place = self._place(path)
        place.left_on = date(2027, 2, self.chance.randint(1, 28))
        place.exit_reason = self.chance.choice(["dropped_out", "employment", "completed", "never_came"])

    def act_move(self, path):
        place = self._place(path)
        other = next(one for one in self.paths if one is not path).cohort
        place.left_on, place.exit_reason = date(2027, 3, 1), "moved_cohort"
        fields = {"school_id": other.school_id, "cohort_id": other.id, "person_id": place.person_id}
        fields |= {"starts_on": date(2027, 3, 2), "ends_on": other.ends_on, "follows_id": place.id}
        add(Enrolment(**fields, created_at=ISSUED))

    def act_pay(self, path):
        pay(path, funder=self.chance.choice(["Région", "France Travail"]))

    def act_stop_paying(self, path):
        share = db.session.query(EnrolmentFunding).filter_by(school_id=path.cohort.school_id).first()
        if share is not None:
            share.ends_on = date(2027, 1, self.chance.randint(4, 30))

    def act_name_funder(self, path):
        funder = db.session.query(Funder).first()
        if funder is not None:
            funder.name = self.chance.choice(["Région", "Département"])

    def act_award(self, path):
        make_award(self._place(path).person)

    def act_undo(self, path):
        state = db.session.query(SubmissionState).first()
        if state is not None:
            state.feedback_id, state.decision = None, ""

    def act_withdraw(self, path):
        found = db.session.query(Assignment).first()
        if found is not None:
            found.withdrawn_at = None if found.withdrawn_at else ISSUED

    def act_excuse(self, path):
        add(Excuse(school_id=path.cohort.school_id, cohort_id=path.cohort.id, person_id=path.person.id,
                   starts_on=date(2027, 1, 5), ends_on=date(2027, 1, 6), code="AJ-MAL", sent_at=ISSUED))  # fmt: skip

    def act_decide(self, path):
        found = db.session.query(Excuse).first()
        if found is not None:
            found.decided_at = ISSUED

    def act_change_region(self, path):
        path.cohort.school.region = self.chance.choice(["Ailleurs", "Hauts-de-France"])

    def act_say_setting(self, path):
        said = self.chance.choice(["yes", "no"])
        services_funding.say_setting(
            path.cohort.school_id, "company_in_report", said, date(2027, 1, 1), True, path.manager, ISSUED
        )

    def act_name_speciality(self, path):
        code = self.chance.choice(["326", "320", ""])
        nature = self.chance.choice(["training", "assessment"])
        services_funding.save_action(path.cohort, nature, ["Publier"], code, path.manager.id, ISSUED)

    def act_replace_trainer(self, path):
        leading = db.session.query(HalfDayTrainer).filter_by(replaced_at=None).first()
        if leading is not None:
            leading.replaced_at = ISSUED
            if self.chance.random() < 0.5:
                other = self.chance.choice(self.paths).trainer
                add(HalfDayTrainer(half_day_id=leading.half_day_id, person_id=other.id))

    def act_work_in_company(self, path):
        work_in_company(path, date(2027, 2, 1), date(2027, 2, 12), [self.chance.choice([0, 210, 420])] * 2)

    def _place(self, path) -> Enrolment:
        return self.chance.choice(db.session.query(Enrolment).filter_by(cohort_id=path.cohort.id).all())


@pytest.mark.parametrize("seed", range(4))
def test_kept_figures_are_what_the_facts_add_up_to_whatever_happens(app, seed):
    history = History(Random(seed))
    schools = [path.cohort.school_id for path in history.paths]
    looked = [YEAR, replace(YEAR, funder="Région"), replace(YEAR, region="Ailleurs")]
    lived = []
    for _step in range(25):
        lived.append(history.goes_on())
        for selection in looked:
            board = services_network.network_board(selection)
            assert board.total == from_facts(selection), lived
            assert total_of(line.sums for line in board.lines) == board.total, lived
            paid = total_of([services_network.sums_from(kept.whole(services_seen.counting_of(selection)))])
            assert paid == paid_from_facts(selection), lived
            for school in schools:
                own = replace(selection, school_id=school)
                assert services_network.school_board(own).total == from_facts(own), lived
        for year in (2026, 2027):
            sheet = services_report_kept.network_sheet(*exercise(year), TODAY)
            assert sheet == services_report.yearly_sheet(schools, *exercise(year)), lived
            for school in schools:
                own = services_report_kept.school_sheet(school, *exercise(year), TODAY)
                assert own == services_report.yearly_sheet([school], *exercise(year)), lived
        total = services_network.network_board(YEAR).total
        for asked in OF_PLACES:
            assert rows_of(asked, YEAR, 0, 1)[1] == rows_counted(total, asked), (asked, lived)
    assert list(kept.differences()) == []


def test_two_schools_are_counted_again_only_when_something_of_theirs_changed(app, monkeypatch):
    first, second = make_path(), make_path(school=make_school(), first_name="Ali", last_name="Aron")
    counted = []
    monkeypatch.setattr(services_network, "_count", _listening(services_network._count, counted))

    services_network.network_board(YEAR)
    services_network.network_board(YEAR)
    assert counted == [sorted([first.cohort.school_id, second.cohort.school_id])]

    attend(second, [HERE])
    services_network.network_board(YEAR)
    services_network.network_board(YEAR)
    assert counted[1:] == [[second.cohort.school_id]]


def test_a_school_is_counted_again_only_when_something_of_its_own_changed(app, monkeypatch):
    first, second = make_path(), make_path(school=make_school(), first_name="Ali", last_name="Aron")
    services_network.network_board(YEAR)
    counted = []
    monkeypatch.setattr(services_network, "_count", _listening(services_network._count, counted))

    attend(second, [HERE])
    services_network.school_board(replace(YEAR, school_id=first.cohort.school_id))
    assert counted == []

    own, before = replace(YEAR, school_id=second.cohort.school_id), db.session.query(KeptFigure).count()
    assert services_network.school_board(own).total.hours.due == 210
    assert counted == [[second.cohort.school_id]]
    assert db.session.query(KeptFigure).count() == before, "who looks at a school writes nothing"

    services_network.network_board(YEAR)
    assert services_network.school_board(own).total.hours.due == 210
    assert counted[1:] == [[second.cohort.school_id]]


def test_the_cohorts_of_a_school_are_shown_some_at_a_time_the_last_begun_first(app):
    path = make_path()
    school = replace(YEAR, school_id=path.cohort.school_id)
    for week in range(1, 4):
        place = make_learner(make_cohort(school=path.cohort.school, code=f"A-{week}", starts_on=START + week * WEEK))
        assert place
    save()

    first, rest = services_network.school_board(school, 0, 3), services_network.school_board(school, 3, 3)

    assert [line.name for line in first.lines] == ["A-3", "A-2", "A-1"]
    assert [line.name for line in rest.lines] == [path.cohort.code]
    assert first.line_count == 4 and first.total == rest.total and first.total.entered == 4


def _listening(count_some, heard):
    def count_and_tell(selection, schools):
        heard.append(sorted(schools))
        return count_some(selection, schools)

    return count_and_tell


def test_what_is_signed_today_throws_nothing_away_and_counts_tomorrow(app):
    path = make_path()
    today = replace(YEAR, today=START)
    assert services_network.network_board(today).total.hours.due == 0
    before = db.session.scalars(select(func.max(KeptFigure.id))).one()

    attend(path, [HERE])

    assert db.session.query(FigureChange).filter(FigureChange.on == START).count()
    assert services_network.network_board(today).total.hours.due == 0
    assert db.session.scalars(select(func.max(KeptFigure.id))).one() == before
    assert services_network.network_board(replace(YEAR, today=START + timedelta(days=1))).total.hours.due == 210


def test_a_change_while_others_are_counted_is_counted_by_the_next_who_looks(app):
    school, facts = make_school(), [1]
    save()

    def count_slowly(schools):
        counted = {one: facts[0] for one in schools}
        if facts[0] == 1:
            facts[0] = 2
            add(FigureChange(school_id=school.id, on=date.min))
        return counted

    slow = Counting("slow", TODAY, lambda: [school.id], count_slowly, lambda found: sum(found.values()))

    assert kept.whole(slow) == 1
    assert kept.whole(slow) == 2 == kept.each(slow, [school.id])[school.id]


def test_signing_adds_notes_and_changes_no_row_that_others_share(app):
    path = make_path()
    services_network.network_board(YEAR)
    attend(path, [HERE, HERE])
    kept_rows = db.session.query(KeptFigure).count()

    assert kept_rows == 2, "the school, and all together: thrown away by who looks, not by who signs"
    assert {one.school_id for one in db.session.query(FigureChange)} == {path.cohort.school_id}


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
def test_rows_that_come_by_the_million_leave_one_note_for_each_school(app):
    with transaction(), links_checked_at_the_end(db.session.connection()):
        path = make_path()
        db.session.flush()
        assert db.session.query(FigureChange).count() == 0

    noted = select(FigureChange.school_id, FigureChange.on)
    assert db.session.execute(noted).all() == [(path.cohort.school_id, date.min)]
    attend(path, [HERE])
    assert {on for _school, on in db.session.execute(noted)} > {date.min}, "notes are taken again"


def test_a_day_later_what_was_kept_is_forgotten(app):
    make_path()
    services_network.network_board(YEAR)

    kept.forget_before(TODAY + timedelta(days=1))

    assert db.session.query(KeptFigure).count() == 0 == db.session.query(FigureChange).count()


def test_a_kept_figure_that_is_not_what_the_facts_add_up_to_is_named(app):
    path = make_path()
    services_network.network_board(YEAR)
    assert list(kept.differences()) == []

    row = db.session.query(KeptFigure).filter_by(school_id=path.cohort.school_id).one()
    row.content = row.content | {"cohorts": 7}
    save()

    what = services_network.counting_of(YEAR).what
    assert list(kept.differences()) == [(what, TODAY, path.cohort.school_id), (what, TODAY, TOGETHER)]
    assert kept.throw_away() == 2
    assert list(kept.differences()) == []


def test_the_job_leaves_little_to_count_for_who_looks(app, monkeypatch):
    make_path()
    keep_figures()
    counted = []
    monkeypatch.setattr(services_network, "_count", _listening(services_network._count, counted))

    keep_figures()

    assert counted == []


def test_schools_are_shown_some_at_a_time_in_the_order_of_their_names(app):
    names = ["Écaillon", "denain", "Valenciennes"]
    for name in names:
        make_path(school=make_school(name=name), first_name=name, last_name=name)

    first = services_network.network_board(YEAR, 0, 2)
    rest = services_network.network_board(YEAR, 2, 2)

    assert [line.name for line in (*first.lines, *rest.lines)] == ["denain", "Écaillon", "Valenciennes"]
    assert first.line_count == 3 and first.total == rest.total and first.total.entered == 3
