"""The table of figures says what was taken, and nothing else; a day of the country is lived at the pages."""

import dataclasses
import io
import json
from datetime import date
from random import Random
from types import SimpleNamespace

import pytest

from benchmarks import growth, pages, reports, table
from benchmarks.country import __main__ as country
from benchmarks.country import acts, plan, rows
from popschool import clock
from popschool.db import db
from popschool.schools.models import Enrolment
from popschool.web import paging
from tests import factories
from tests.completion.paths import HERE, ISSUED, TODAY, attend, make_path, pay


def test_the_table_is_written_from_the_figures_kept():
    figures = json.loads(table.KEPT.read_text())
    page = table.PAGE.read_text()
    assert table.written(figures) == page.partition(table.BEGIN)[2].partition(table.END)[0].strip() + "\n"
    assert figures.keys() <= table.RUNS.keys()


def test_every_line_reads_what_a_benchmark_says():
    figures = json.loads(table.KEPT.read_text())
    missing = {line.of for line in table.LINES} - figures.keys()
    assert not missing, f"take them with `python -m benchmarks.table {' '.join(sorted(missing))}`"
    assert all(line.read(figures[line.of]["said"]) for line in table.LINES)


def test_the_reports_of_a_school_are_timed(tmp_path):
    found = reports.taken(tmp_path, [reports.ROWS], rounds=1)
    assert found["growth"].keys() == found[str(2 * reports.ROWS)].keys() == {"board", "figure_rows", "bpf", "bpf_line"}


def test_a_list_is_made_as_long_as_that_of_a_smaller_network(client, log_in):
    for _number in range(8):
        factories.make_school()
    log_in(factories.make_network_manager())
    site = SimpleNamespace(clients={"manager": client})
    site.open = lambda: site
    visit, before = growth.Visit(site, "manager", "/network"), paging.LINES
    with growth.lists_of(3):
        short = client.get("/network").get_data()
    assert short.count(b"/schools/") < client.get("/network").get_data().count(b"/schools/")
    assert growth.as_many_lines(visit, len(short)) == 3
    assert before == paging.LINES


def test_the_half_day_that_is_measured_is_one_that_its_learner_signs():
    page = b'<a href="/half-days/125">...</a><a href="/half-days/57">...</a>'
    learner = SimpleNamespace(get=lambda path: (200 if path == "/half-days/57/sign" else 404, b""))
    assert pages.half_day_of(learner, page) == "/half-days/57"
    with pytest.raises(SystemExit):
        pages.half_day_of(learner, b'<a href="/half-days/125">...</a>')


def a_country(schools: int = 3) -> list[plan.School]:
    """Return schools of two cohorts of eight people."""
    return [
        plan.School(
            school,
            manager=1000 + school,
            groups=tuple(
                plan.Group(
                    id=10 * school + turn,
                    half_day=100 * school + turn,
                    trainer=2000 + 10 * school + turn,
                    learners=tuple(range(100 * school + 10 * turn, 100 * school + 10 * turn + 8)),
                    assignment=5,
                    deliverable=6,
                    asks=("text", "files"),
                    waiting=tuple(range(7000, 7010)),
                )
                for turn in range(2)
            ),
        )
        for school in range(1, schools + 1)
    ]


@pytest.mark.parametrize("part", plan.PARTS, ids=lambda part: part.name)
def test_a_day_of_the_country_is_laid_the_same_each_time_within_its_seconds(part):
    schools = a_country()
    laid = plan.plan(part, schools, 100, Random(1))
    assert laid == plan.plan(part, schools, 100, Random(1)) == sorted(laid, key=lambda act: act.at)
    assert all(0 <= act.at <= 100 * part.share + 4 for act in laid)
    assert {act.what for act in laid} <= acts.ACTS.keys()


def test_everyone_signs_once_after_their_trainer_opened_and_hands_in_once():
    schools = a_country()
    people = sorted(person for school in schools for group in school.groups for person in group.learners)
    morning, evening = (plan.plan(plan.PARTS[place], schools, 100, Random(2)) for place in (0, 2))
    signed = [act for act in morning if act.what.startswith("sign")]
    opened = {act.facts["half_day"]: act.at for act in morning if act.what == "open"}
    assert sorted(act.who for act in signed) == people
    assert all(act.at > opened[act.facts["half_day"]] for act in signed)
    assert {act.what for act in signed} == {"sign_by_link", "sign_today"}
    assert sorted(act.who for act in evening if act.what == "hand_in") == people
    answers = [(act.who, act.facts["submission"]) for act in evening if act.what == "answer"]
    assert len(set(answers)) == len(answers) == 6 * plan.ANSWERS


def test_at_the_months_end_every_school_and_cohort_is_reported():
    laid = plan.plan(plan.PARTS[-1], a_country(), 100, Random(3))
    assert sorted(act.facts["cohort"] for act in laid if act.what == "statement") == [10, 11, 20, 21, 30, 31]
    assert sorted(act.facts["school"] for act in laid if act.what == "figures") == [1, 2, 3]


def test_a_share_of_the_schools_is_spread_over_the_country():
    assert plan.shared(list(range(100)), 0.05) == [0, 20, 40, 60, 80]
    assert plan.shared([3, 4], 0.0001) == [3]
    assert plan.shared([3, 4], 5) == plan.shared([3, 4], 5, 1) == [3, 4]
    turns = [plan.shared(list(range(100)), 0.05, turn) for turn in range(20)]
    assert sorted(school for one in turns for school in one) == list(range(100))


def test_pages_of_a_day_are_told_apart_by_type_and_forms_send_what_is_hidden():
    assert acts.page_type("/half-days/12/sign?a=1#b") == "/half-days/<id>/sign"
    assert acts.page_type("/s/abc.def") == "/s/<token>"
    page = acts.Page(200, '<input type="hidden" name="key" value="a&amp;b"><input name="text" value="no">')
    assert acts.hidden(page) == {"key": "a&b"}


def test_what_was_acknowledged_is_compared_with_what_was_kept():
    told = [["work", "a"], ["work", "b"], ["signature", "1/2"]]
    said = country.counted(told, {"work": {"a": 1, "c": 2}, "signature": {"1/2": 1}})
    assert said["lost"] == ["work b"]
    assert said["twice"] == ["work c"]
    assert said["unsure"] == {"work": 1, "signature": 0}


class ClientHand:
    """Somebody's browser in a test."""

    def __init__(self, client, who, link="", name="pays-essai"):
        self.client, self.who, self.link, self.name = client, who, link, name

    def get(self, path):
        return self._page(self.client.get(path))

    def post(self, path, fields, file=None):
        given = dict(fields) | ({"files": (io.BytesIO(file[1]), file[0])} if file else {})
        return self._page(self.client.post(path, data=given))

    def wait(self, seconds):
        raise AssertionError(f"nobody should wait {seconds} s")

    @staticmethod
    def _page(answer):
        assert answer.status_code < 400, answer.get_data()[:600]
        text = answer.text if answer.mimetype == "text/html" else ""
        return acts.Page(answer.status_code, text, answer.headers.get("Location", ""))


def test_people_of_the_day_sign_hand_in_and_answer_at_the_pages_and_all_of_it_is_found(app, log_in):
    day = clock.today()
    cohort = factories.make_cohort()
    manager, trainer = factories.make_manager(cohort.school), factories.make_trainer(cohort)
    learners = [factories.make_learner(cohort) for _ in range(2)]
    deliverable = factories.make_assignment(cohort).deliverables[0]
    deliverable.asks, deliverable.either = ["text", "files"], False
    factories.make_submission(deliverable, learners[:1])
    half_day = factories.make_half_day(cohort, trainer, on=day)
    factories.save()

    [school] = rows.schools_of(day, 1)
    [group] = school.groups
    assert (school.manager, group.trainer, group.half_day) == (manager.id, trainer.id, half_day.id)
    assert group.learners == tuple(person.id for person in learners)
    assert (group.deliverable, group.asks, len(group.waiting)) == (deliverable.id, ("text", "files"), 1)

    links, told = rows.links([school]), []
    lived = [
        (trainer, "open", {"half_day": group.half_day}),
        (learners[0], "sign_by_link", {"half_day": group.half_day}),
        (learners[1], "sign_today", {"half_day": group.half_day}),
        (trainer, "answer", {"submission": group.waiting[0]}),
        *((person, "hand_in", {"deliverable": group.deliverable, "asks": list(group.asks)}) for person in learners),
        (manager, "figures", {"school": school.id}),
        (manager, "months", {"cohort": group.id, "month": f"{day:%Y-%m}"}),
    ]
    for person, what, facts in lived:
        client = app.test_client()
        log_in(person, client)
        told += acts.ACTS[what](ClientHand(client, person.id, links.get(person.id, "")), **facts)

    said = country.counted(told, rows.found(day, "pays-essai"))
    assert said["lost"] == said["twice"] == []
    assert set(said["unsure"].values()) == {0}
    found = {kind: count for kind, count in said["acknowledged"].items() if count}
    assert found == {"opened": 1, "signature": 2, "work": 2, "file": 2, "answer": 1}


def test_the_statements_of_a_month_are_issued_for_each_who_pays_and_found_once(app, log_in):
    path = make_path()
    attend(path, [HERE] * 2, date(2027, 1, 4))
    pay(path, funder="Région")
    other = factories.make_learner(path.cohort)
    factories.save()
    place = db.session.query(Enrolment).filter_by(person_id=other.id).one()
    pay(dataclasses.replace(path, enrolment=place), funder="France Travail")
    clock.freeze(ISSUED)
    log_in(path.manager)
    hand = ClientHand(app.test_client(), path.manager.id)
    log_in(path.manager, hand.client)

    told = acts.statement(hand, path.cohort.id, "2027-01")

    assert len(told) == 2
    assert acts.statement(hand, path.cohort.id, "2027-01") == []
    said = country.counted(told, rows.found(TODAY, "pays-essai"))
    assert (said["lost"], said["twice"], said["unsure"]["statement"]) == ([], [], 0)
    assert said["acknowledged"]["statement"] == 2
