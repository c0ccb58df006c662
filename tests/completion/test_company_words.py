"""What a tutor says by a link, what a visit noted, and the papers that hold them."""

import re
from datetime import UTC, date, datetime

import pytest

from popschool import clock
from popschool.completion import services_company as services
from popschool.completion.models_company import CompanyEvaluation, CompanyVisit
from popschool.completion.rules_company import (
    How,
    Mark,
    NothingSeen,
    PeriodToCome,
    VisitOutsidePeriod,
    check_evaluation,
    check_visit,
)
from popschool.completion.rules_papers import PaperKind, What
from popschool.db import db
from tests.completion.paths import ISSUED, Path, make_path, paper_of, read_aloud, work_in_company
from tests.factories import make_learner, save
from tests.shown import shown

FIRST, LAST = date(2027, 5, 18), date(2027, 5, 29)


@pytest.fixture
def path(app) -> Path:
    clock.freeze(datetime(2027, 5, 25, 9, 0, tzinfo=UTC))
    made = make_path()
    made.period = work_in_company(made, FIRST, LAST, [420] * 6)
    save()
    yield made
    clock.freeze(None)


def marks_of(path: Path, mark: Mark) -> dict[str, Mark]:
    return dict.fromkeys(services.competences_of(path.cohort.id), mark)


@pytest.mark.parametrize(
    ("marks", "comment", "today", "refused"),
    [
        ({"a": Mark.HELPED}, "", FIRST, None),
        ({"a": Mark.NOT_SEEN}, "Travaille ailleurs.", FIRST, None),
        ({"a": Mark.NOT_SEEN}, "  ", FIRST, NothingSeen),
        ({"a": Mark.ALONE}, "", date(2027, 5, 17), PeriodToCome),
    ],
)
def test_an_evaluation_says_something_once_the_period_has_begun(marks, comment, today, refused):
    if refused is None:
        assert check_evaluation(marks, comment, FIRST, today) is None
    else:
        with pytest.raises(refused):
            check_evaluation(marks, comment, FIRST, today)


@pytest.mark.parametrize(
    ("on", "today", "refused"),
    [
        (FIRST, FIRST, None),
        (date(2027, 5, 17), LAST, VisitOutsidePeriod),
        (date(2027, 5, 26), date(2027, 5, 25), VisitOutsidePeriod),
        (date(2027, 5, 30), date(2027, 7, 1), VisitOutsidePeriod),
        (FIRST, date(2027, 5, 17), PeriodToCome),
    ],
)
def test_a_visit_is_a_day_of_the_period_that_has_come(on, today, refused):
    if refused is None:
        assert check_visit(on, FIRST, LAST, today) is None
    else:
        with pytest.raises(refused):
            check_visit(on, FIRST, LAST, today)


def test_a_tutor_answers_by_a_link_without_an_account_and_the_last_answer_holds(path, client, log_in):
    log_in(path.trainer)
    page = f"/enrolments/{path.enrolment.id}/company"
    told = shown(client.post(f"{page}/{path.period.id}/ask", follow_redirects=True))
    link = re.search(r"/company/\d+/\d+/evaluation/[\w-]+", told)[0]
    client.post("/sign-out")
    names = [f"mark_{place}" for place in range(1, len(marks_of(path, Mark.ALONE)) + 1)]

    empty = client.post(link, data={"tutor_name": "Dominique Petit", "comment": "Sérieuse"})
    assert "Choisissez une réponse." in shown(empty) and "Sérieuse" in shown(empty), "what was typed stays"
    silent = client.post(link, data={"tutor_name": "Dominique Petit", **dict.fromkeys(names, "not_seen")})
    assert "Rien n'est dit." in shown(silent)
    for answer in ("helped", "alone"):
        sent = client.post(link, data={"tutor_name": "Dominique Petit", **dict.fromkeys(names, answer)})
        assert sent.status_code == 302

    log_in(path.trainer)
    assert db.session.query(CompanyEvaluation).count() == 2
    assert "sans aide" in shown(client.get(page)) and "avec de l'aide" not in shown(client.get(page))


def test_a_link_opens_its_own_place_alone_and_for_two_months(path, client):
    other = make_learner(path.cohort)
    save()
    secret = services.secret_of(path.period.id, path.enrolment.id)
    address = f"/company/{path.period.id}/{path.enrolment.id}/evaluation/"

    assert client.get(address + secret).status_code == 200
    assert client.get(address + secret[:-1] + ("A" if secret[-1] != "A" else "B")).status_code == 404
    assert client.get(f"/company/{path.period.id}/{other.id + 999}/evaluation/{secret}").status_code == 404
    clock.freeze(datetime(2027, 8, 30, 9, 0, tzinfo=UTC))
    assert client.get(address + secret).status_code == 404


def test_a_visit_outside_the_period_is_refused_with_what_was_typed(path, client, log_in):
    log_in(path.trainer)
    address = f"/enrolments/{path.enrolment.id}/company/{path.period.id}/visit"
    typed = {"on": "17/05/2027", "how": "there", "met": "Dominique Petit", "tasks": "Répond aux devis."}

    refused = shown(client.post(address, data=typed))
    assert (
        "Choisissez un jour de la période, du mardi 18 mai au mardi 25 mai." in refused
        and "Répond aux devis." in refused
    )
    client.post(address, data=typed | {"on": "20/05/2027"})

    [visit] = db.session.query(CompanyVisit)
    assert (visit.on, visit.visited_by_id) == (date(2027, 5, 20), path.trainer.id)


def test_both_papers_wait_for_their_words_and_say_who_noted_them(path):
    assert What.EVALUATION_MISSING in [one.what for one in path.preview(kind=PaperKind.EVALUATION).anomalies]
    assert What.VISIT_MISSING in [one.what for one in path.preview(kind=PaperKind.VISIT).anomalies]
    services.write_evaluation(
        path.period, path.enrolment, marks_of(path, Mark.ALONE), "À l'aise avec les clients.", "Dominique Petit",
        path.trainer, ISSUED, LAST,
    )  # fmt: skip
    services.write_visit(
        path.period, path.enrolment, date(2027, 5, 20), How.VIDEO,
        {"met": "Dominique Petit", "tasks": "Répond aux devis.", "goes_well": "Le ton.", "next_steps": "Un devis."},
        path.trainer, ISSUED, LAST,
    )  # fmt: skip

    said = read_aloud(paper_of(path.issue(kind=PaperKind.EVALUATION)))

    assert f"Avis donné par Dominique Petit le 20/07/2027, noté par {path.trainer.name}." in said
    assert path.preview(kind=PaperKind.VISIT).is_ready
