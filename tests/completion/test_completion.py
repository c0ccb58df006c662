"""Where people stand, from what they signed and proved; exams, and the pages that say so."""

from datetime import date

import pytest

from popschool.attendance.models import PresenceDay
from popschool.completion import rules_exams, services_exams, services_rules
from popschool.completion.rules import Asked, Part, ShareRefused
from popschool.completion.rules_exams import Outcome
from popschool.completion.rules_hours import add_up
from popschool.completion.services_completion import last_standing_of, standing_at, standings_of
from popschool.completion.services_hours import Stretch, hours_of
from popschool.db import db
from tests.completion.paths import HERE, ISSUED, START, TODAY, attend, late, make_path, work_in_company
from tests.factories import save


@pytest.fixture
def path(app):
    return make_path()


def test_hours_left_are_those_of_the_half_days_signed(path):
    attend(path, ["J", late(30)] + [HERE] * 8)
    work_in_company(path, date(2027, 5, 18), date(2027, 5, 21), [420] * 2)

    [line] = standings_of(path.cohort, TODAY).lines

    found = {one.part: (one.done, one.asked, one.left) for one in line.completion.lines}
    # 70 % of 35 h is 24.5 h; 31.5 h less half an hour were followed. 80 % of 28 h is 22.4 h; 14 h were worked.
    assert found[Part.HOURS] == (1860, 1470, 0)
    assert found[Part.COMPANY] == (840, 1344, 504)
    assert found[Part.COMPETENCES] == (0, 2, 2)
    assert not line.completion.is_complete


def test_hours_added_up_by_the_database_are_those_added_up_day_by_day(path):
    attend(path, ["A", late(10)] + [HERE] * 3)
    whole = [Stretch(path.enrolment, path.enrolment.starts_on, path.enrolment.last_day)]

    [by_day] = hours_of(path.cohort.id, whole, TODAY)
    [in_total] = standings_of(path.cohort, TODAY).lines

    assert by_day.hours == in_total.hours
    assert by_day.hours.attended == 14 * 60 - 10


def test_one_place_stands_alone_as_it_does_among_its_cohort(path, queries):
    attend(path, ["A", late(10)] + [HERE] * 3)
    work_in_company(path, date(2027, 5, 18), date(2027, 5, 21), [420] * 2)
    services_rules.say_asked(path.cohort, Asked(80, 1, 50, 50, 50), path.manager, ISSUED)
    among = standings_of(path.cohort, TODAY)

    with queries() as seen:
        alone = [standing_at(path.enrolment.id, TODAY), last_standing_of(path.enrolment.person_id, TODAY)]

    assert [(one.asked, one.title, one.lines) for one in alone] == [(among.asked, among.title, among.lines)] * 2
    assert len([one for one in seen if one.startswith("SELECT")]) == 2 * 4  # there is no exam to look for
    assert standing_at(path.enrolment.id + 1, TODAY) is None


def test_months_add_up_to_the_whole_with_the_hours_followed_at_a_distance(path):
    attend(path, ["A", late(10)] + [HERE] * 3)
    day = db.session.query(PresenceDay).filter_by(on=START).one()
    # On that day: nothing of the morning, and 3 h 20 of the afternoon, two of them at a distance.
    day.attended, day.distance = 80, 120
    save()

    [counted] = hours_of(path.cohort.id, [Stretch(path.enrolment, START, path.enrolment.last_day)], TODAY)

    total = add_up(hours for _month, hours in counted.months)
    assert (total.due, total.realised, total.distance) == (5 * 210, 14 * 60 - 10, 120)
    assert total.adds_up
    assert total.realised == counted.hours.realised


def test_a_school_asks_for_more_or_less_from_one_day_to_the_next(path):
    attend(path, [HERE] * 2)

    services_rules.say_asked(path.cohort, Asked(100, 1, 0, 0, 0), path.manager, ISSUED)

    [line] = standings_of(path.cohort, TODAY).lines
    assert [one.part for one in line.completion.lines] == [Part.HOURS]
    assert line.completion.is_complete
    with pytest.raises(ShareRefused):
        services_rules.say_asked(path.cohort, Asked(101), path.manager, ISSUED)


def test_blocks_of_several_exams_add_up_and_a_correction_says_why(path):
    first, second = (
        services_exams.plan_exam(path.cohort, "Session", on, "", path.manager, ISSUED)
        for on in (date(2027, 6, 1), date(2027, 7, 1))
    )

    def say(exam, outcome, blocks=(), reason=""):
        given = (exam, path.enrolment, outcome, blocks, reason, path.manager, ISSUED, TODAY)
        return services_exams.say_result(*given)

    say(first, Outcome.BLOCKS, [1])
    say(second, Outcome.BLOCKS, [2])
    assert services_exams.obtained_in(path.cohort.id)[path.enrolment.id].blocks == {1, 2}
    with pytest.raises(rules_exams.CorrectionUnexplained):
        say(second, Outcome.TITLE)
    say(second, Outcome.TITLE, reason="Erreur de saisie")
    assert services_exams.obtained_in(path.cohort.id)[path.enrolment.id].outcome is Outcome.TITLE
    with pytest.raises(rules_exams.BlocksMissing):
        say(first, Outcome.BLOCKS, reason="Erreur")


def test_no_result_is_written_before_the_day(path):
    exam = services_exams.plan_exam(path.cohort, "Session", date(2027, 7, 21), "", path.manager, ISSUED)

    with pytest.raises(rules_exams.ExamToCome):
        services_exams.say_result(exam, path.enrolment, Outcome.NONE, (), "", path.manager, ISSUED, TODAY)


def test_the_learner_reads_what_is_left(path, client, log_in):
    attend(path, [HERE], START)
    log_in(path.person)

    said = client.get("/my/way").text.replace("\u00a0", " ")

    assert "Il vous reste 2 compétences à prouver." in said
