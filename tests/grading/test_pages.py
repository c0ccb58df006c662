"""Pages of answering: the queue, one correction, the answer as it is read, a level."""

from contextvars import Context
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from popschool import clock
from popschool.courses.models import Competence, ProjectVersion
from popschool.db import db
from popschool.grading import rules, services
from popschool.grading.models import Award, Feedback, FeedbackDraft
from popschool.grading.services import Answer
from popschool.grading.services_feedback import find_answer
from popschool.grading.services_work import find_work
from popschool.messages.models import Notice
from popschool.projects.models import SubmissionState
from popschool.projects.services import choose_version
from popschool.schools.models import Enrolment, Posting
from tests.conftest import NOW
from tests.factories import (
    make_assignment,
    make_author,
    make_cohort,
    make_learner,
    make_manager,
    make_network_manager,
    make_project,
    make_submission,
    make_team,
    make_trainer,
    save,
)
from tests.shown import field, shown

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def cohort(app):
    return make_cohort()


@pytest.fixture
def work(cohort):
    submission = make_submission(make_assignment(cohort).deliverables[0])
    save()
    return submission


@pytest.fixture
def trainer(cohort, work, log_in):
    return log_in(make_trainer(cohort))


def competences():
    return list(db.session.scalars(select(Competence).order_by(Competence.id)))


def filled(client, work, **given):
    """Return an answer as its form sends it: everything well, and validated."""
    seen = field(client.get(f"/submissions/{work.id}/answer"), "seen")
    data = {"mark-telephone": "2", "mark-liste": "1", "comment": "La boucle est juste.", "decision": "validated"}
    levels = {f"level-{one.id}": str(level) for one, level in zip(competences(), (1, 2), strict=False)}
    return {name: value for name, value in (data | levels | {"seen": seen} | given).items() if value is not None}


def post(client, work, **given):
    return client.post(f"/submissions/{work.id}/answer", data=filled(client, work, **given))


def state_of(submission):
    return db.session.get_one(SubmissionState, submission.id, populate_existing=True)


# the queue


def test_the_queue_shows_what_waits_the_oldest_first(client, cohort, trainer):
    other = make_cohort(cohort.school)
    db.session.add(
        Posting(
            school_id=cohort.school_id,
            cohort_id=other.id,
            person_id=trainer.id,
            starts_on=other.starts_on,
            created_at=NOW,
        )
    )
    old = make_submission(make_assignment(other).deliverables[0], submitted_at=NOW - 9 * DAY, timing="late")
    save()

    text = shown(client.get("/queue"))

    assert "Le plus ancien attend depuis 9 jours" in text
    assert "2 rendus en attente, dont 1 en retard. Les plus anciens d'abord." in text
    first, second = old.owners[0].person.name, "Relire ce rendu"
    assert text.index(first) < text.index(second)
    assert other.code in text and cohort.code in text


@pytest.fixture
def mixed(cohort, trainer):
    """One late, one on time, one validated, one to complete; the first of another project."""
    first, second = make_assignment(cohort), make_assignment(cohort)
    late = make_submission(first.deliverables[0], timing="late", submitted_at=NOW - 3 * DAY)
    on_time = make_submission(second.deliverables[0])
    answered = {decision: make_submission(second.deliverables[0]) for decision in rules.Decision}
    for decision, submission in answered.items():
        state = state_of(submission)
        state.decision, state.decided_at, state.is_waiting = str(decision), NOW, False
    save()
    return {"late": late, "on_time": on_time, "project": first.project_id} | answered


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"timing": "late"}, ["late"]),
        ({"timing": "on_time"}, ["on_time"]),
        ({"state": "validated"}, ["validated"]),
        ({"state": "to_complete"}, ["to_complete"]),
        ({"state": "validated", "timing": "late"}, []),
        ({"project": "first"}, ["late"]),
        ({"project": "first", "timing": "on_time"}, []),
        ({"cohort": "999999", "project": "abc", "state": "x", "timing": "x", "page": "x"}, ["late", "on_time"]),
    ],
)
def test_the_queue_is_filtered(client, mixed, query, expected):
    given = {name: mixed["project"] if value == "first" else value for name, value in query.items()}

    text = shown(client.get("/queue", query_string=given))

    for name in ("late", "on_time", "validated", "to_complete"):
        assert (f"{mixed[name].owners[0].person.name}, projet" in text) == (name in expected), name


def test_what_the_queue_is_filtered_by_is_said_where_the_filters_are_folded(client, cohort, mixed):
    plain = client.get("/queue")
    chosen = client.get("/queue", query_string={"cohort": cohort.id, "project": mixed["project"]})
    late = client.get("/queue?state=validated&timing=late")

    assert "Filtrer les rendus Promo" in shown(plain)
    assert f"Filtrer les rendus : {cohort.code}, " in shown(chosen)
    assert "Filtrer les rendus : Validés, En retard Promo" in shown(late)


def test_a_page_of_the_queue_has_25_lines_and_says_how_many_there_are(client, cohort, trainer, work):
    assignment = work.assignment
    for number in range(30):
        make_submission(assignment.deliverables[0], submitted_at=NOW - DAY + number * MINUTE)
    save()

    first, second = client.get("/queue"), client.get("/queue?page=2")

    assert "31 rendus en attente." in shown(first)
    assert first.text.count('role="rowheader"') == 25 and second.text.count('role="rowheader"') == 6
    assert "Page 2 sur 2, 31 lignes en tout" in shown(second)
    assert client.get("/queue?page=99").status_code == 200


def test_the_queue_of_an_archived_cohort_is_empty(client, cohort, trainer):
    cohort.archived_at = NOW
    save()

    assert "Vous n'avez pas encore de promo" in shown(client.get("/queue"))


def test_an_empty_queue_says_so(client, cohort, log_in):
    log_in(make_trainer(cohort))

    assert "Tout est relu" in shown(client.get("/queue"))


def test_a_manager_reads_the_queue_of_the_school_and_nothing_else(client, cohort, work, log_in):
    make_submission(make_assignment(make_cohort()).deliverables[0])
    log_in(make_manager(cohort.school))

    page = client.get("/queue")

    assert "1 rendu en attente" in shown(page)
    assert f"/submissions/{work.id}/feedback" in page.text
    assert f"/submissions/{work.id}/answer" not in page.text


@pytest.mark.parametrize(
    ("visitor", "status"), [(None, 302), (make_learner, 403), (make_author, 403), (make_network_manager, 403)]
)
def test_those_who_answer_nothing_have_no_queue(client, app, log_in, visitor, status):
    if visitor:
        log_in(visitor())

    assert client.get("/queue").status_code == status


# one correction


def test_everything_that_a_correction_needs_is_on_one_page(client, cohort, trainer):
    learner = make_learner(cohort)
    deliverable = make_assignment(cohort).deliverables[0]
    first = make_submission(deliverable, [learner], text="Première version")
    services.send_answer(
        first,
        trainer,
        Answer("to_complete", "Ajoutez les prix.", {"telephone": 0, "liste": 1}),
        find_work(first.id, trainer.id, frozenset({cohort.id}), NOW).criteria,
        0,
        NOW - 2 * DAY,
    )
    second = make_submission(
        deliverable, [learner], version=2, text="Deuxième version", note="J'ai ajouté les prix.", timing="late"
    )
    save()

    text = shown(client.get(f"/submissions/{second.id}/answer"))

    for words in (
        "Deuxième version",
        "J'ai ajouté les prix.",
        "en retard",
        "1. La page marche sur téléphone.",
        "Oui En partie Pas encore",
        "Le projet tel qu'il a été lu le",
        "répond au retour du samedi 6 mars : « Ajoutez les prix. »",
        "Version 1 et son retour",
        "Réaliser une page",
        "Aujourd'hui : rien encore. Visé : 1. Imiter.",
    ):
        assert words in text, words


def test_an_answer_is_sent_with_its_levels_and_the_next_work_opens(client, cohort, trainer, work):
    after = make_submission(work.deliverable, submitted_at=NOW - MINUTE)
    save()

    answer = post(client, work)

    assert answer.location == f"/submissions/{after.id}/answer"
    feedback = db.session.scalars(select(Feedback)).one()
    assert [(mark.criterion, mark.word) for mark in feedback.marks] == [("telephone", "oui"), ("liste", "en partie")]
    person = work.owners[0].person_id
    assert [services.level_now(person, one.id) for one in competences()[:2]] == [1, 2]
    page = shown(client.get(answer.location))
    assert f"Retour envoyé à {work.owners[0].person.name} : validé." in page
    assert "Vous pouvez l'annuler jusqu'à 10 h 15." in page


def test_the_last_answer_comes_back_to_the_queue(client, trainer, work):
    assert post(client, work).location == "/queue"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"comment": ""}, "Écrivez un commentaire : ce qui est réussi, puis une chose à essayer."),
        ({"comment": "   "}, "Écrivez un commentaire"),
        ({"comment": "é" * 5001}, "C'est trop long."),
        ({"decision": None}, "Choisissez une réponse pour « Décision »."),
        ({"decision": "peut-être"}, "Choisissez une réponse pour « Décision »."),
        ({"mark-telephone": None}, "Choisissez une réponse pour « La page marche sur téléphone »."),
        ({"mark-telephone": "7"}, "Choisissez une réponse pour « La page marche sur téléphone »."),
    ],
)
def test_an_answer_that_lacks_something_is_kept_and_said(client, trainer, work, given, words):
    answer = post(client, work, **given)

    assert answer.status_code == 200 and words in shown(answer)
    assert db.session.query(Feedback).count() == 0
    draft = db.session.scalars(select(FeedbackDraft)).one()
    assert draft.marks.get("liste") == 1


def test_a_level_is_asked_to_validate_and_not_to_ask_for_more(client, trainer, work):
    first = competences()[0]
    answer = post(client, work, **{f"level-{first.id}": None})
    assert f"Choisissez une réponse pour « {first.title.rstrip(' .')} »." in shown(answer)

    answer = post(client, work, decision="to_complete", **{f"level-{first.id}": None})
    assert answer.status_code == 302
    assert state_of(work).decision == "to_complete"


def test_what_is_typed_is_kept_as_a_draft_of_ones_own(client, cohort, trainer, work, log_in):
    answer = post(client, work, keep="1", comment="À moitié", decision=None)
    assert answer.location == f"/submissions/{work.id}/answer"
    assert "À moitié</textarea>" in client.get(answer.location).text

    log_in(make_trainer(cohort))
    page = client.get(answer.location)

    assert "À moitié" not in page.text
    assert f"{trainer.name} a ouvert ce rendu à 10 h 05." in shown(page)


def test_whoever_opened_a_work_long_ago_is_no_longer_beside(client, cohort, trainer, work, log_in):
    client.get(f"/submissions/{work.id}/answer")
    clock.freeze(NOW + 40 * MINUTE)
    log_in(make_trainer(cohort))

    assert "a ouvert ce rendu" not in shown(client.get(f"/submissions/{work.id}/answer"))


def test_a_second_trainer_overwrites_nothing_and_loses_nothing(client, cohort, trainer, work, log_in):
    other = make_trainer(cohort)
    save()
    mine = filled(client, work)
    log_in(other)
    post(client, work, comment="Le retour de l'autre.")
    log_in(trainer)

    answer = client.post(f"/submissions/{work.id}/answer", data=mine | {"comment": "Mon long retour."})

    text = shown(answer)
    assert f"{other.name} a répondu à ce rendu à 10 h 05, pendant que vous écriviez." in text
    assert "Mon long retour.</textarea>" in answer.text and "Le retour de l'autre." in text
    assert db.session.query(Feedback).count() == 1
    again = {"seen": field(answer, "seen"), "comment": "Mon long retour."}
    assert client.post(f"/submissions/{work.id}/answer", data=mine | again).status_code == 302
    assert db.session.scalars(select(Feedback.comment).order_by(Feedback.number)).all() == [
        "Le retour de l'autre.",
        "Mon long retour.",
    ]


def test_a_double_click_is_one_answer(client, trainer, work):
    data = filled(client, work)

    answers = [client.post(f"/submissions/{work.id}/answer", data=data) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert db.session.query(Feedback).count() == 1
    assert db.session.query(Award).count() == 2
    assert db.session.query(Notice).filter_by(kind="feedback").count() == 1


def test_an_older_version_can_be_answered_and_the_newer_one_still_waits(client, cohort, trainer, work):
    newer = make_submission(work.deliverable, [work.owners[0].person], version=2, submitted_at=NOW - MINUTE)
    save()
    page = client.get(f"/submissions/{work.id}/answer")
    assert "La version 2 est arrivée le lundi 8 mars, 10 h 04." in shown(page)

    post(client, work)

    assert (state_of(work).decision, state_of(newer).is_waiting) == ("validated", True)


def test_the_version_that_the_learner_chose_is_said(client, cohort, trainer, work):
    person = work.owners[0].person
    newer = make_submission(work.deliverable, [person], version=2, submitted_at=NOW - MINUTE)
    choose_version(work, person.id, NOW)

    assert "La personne a choisi la version 1 : c'est elle qui compte." in shown(
        client.get(f"/submissions/{newer.id}/answer")
    )
    assert "La version 2 existe aussi, mais c'est celle-ci qui compte." in shown(
        client.get(f"/submissions/{work.id}/answer")
    )


def test_work_of_somebody_who_has_left_is_still_answered(client, cohort, trainer, work):
    person = work.owners[0].person
    db.session.query(Enrolment).filter_by(person_id=person.id).one().left_on = (NOW - DAY).date()
    save()

    assert post(client, work).status_code == 302
    assert services.level_now(person.id, competences()[0].id) == 1


def test_an_archived_cohort_is_answered_nothing_and_the_text_is_kept(client, cohort, trainer, work):
    data = filled(client, work)
    cohort.archived_at = NOW
    save()

    answer = client.post(f"/submissions/{work.id}/answer", data=data)

    assert f"La promo {cohort.code} est archivée." in shown(answer)
    assert db.session.scalars(select(FeedbackDraft.comment)).one() == "La boucle est juste."


def test_each_member_of_a_team_may_have_a_level_of_their_own(client, cohort, trainer):
    assignment = make_assignment(cohort, work="pair", team_size=2)
    pair = [make_learner(cohort), make_learner(cohort)]
    make_team(assignment, pair)
    sent = make_submission(assignment.deliverables[0], pair, team_name="Équipe 3")
    save()
    first = competences()[-2]
    page = client.get(f"/submissions/{sent.id}/answer")
    assert "Équipe 3" in shown(page) and "Comme l'équipe" in shown(page)
    levels = {f"level-{one.id}": "0" for one in competences()[-2:]}
    same = {f"level-{one.id}-{person.id}": "same" for one in competences()[-2:] for person in pair}
    own = {f"level-{first.id}": "2", f"level-{first.id}-{pair[1].id}": "1"}

    answer = post(client, sent, **(levels | same | own))

    assert answer.status_code == 302
    assert [services.level_now(person.id, first.id) for person in pair] == [2, 1]


def test_an_answer_is_taken_back_for_ten_minutes(client, trainer, work):
    post(client, work)
    feedback = db.session.scalars(select(Feedback)).one()
    clock.freeze(NOW + 9 * MINUTE)

    answer = client.post(f"/feedback/{feedback.id}/undo", follow_redirects=True)

    text = shown(answer)
    assert "Votre retour est annulé. Il est de nouveau un brouillon." in text
    assert "La boucle est juste.</textarea>" in answer.text
    assert (state_of(work).decision, state_of(work).is_waiting) == ("", True)
    assert services.level_now(work.owners[0].person_id, competences()[0].id) == 0


def test_too_late_to_take_back_is_said_with_what_to_do(client, trainer, work):
    post(client, work)
    feedback = db.session.scalars(select(Feedback)).one()
    clock.freeze(NOW + 10 * MINUTE)

    answer = client.post(f"/feedback/{feedback.id}/undo")

    assert answer.status_code == 409
    assert "Le temps pour annuler est fini : c'était jusqu'à 10 h 15." in shown(answer)
    assert state_of(work).decision == "validated"


def test_a_draft_begun_after_sending_survives_the_undo(client, trainer, work):
    post(client, work)
    feedback = db.session.scalars(select(Feedback)).one()
    post(client, work, keep="1", comment="Une correction, en cours.")

    client.post(f"/feedback/{feedback.id}/undo")

    page = client.get(f"/submissions/{work.id}/answer")
    assert "Une correction, en cours.</textarea>" in page.text
    assert "La boucle est juste." in shown(page) and "annulé" in shown(page)


def test_nobody_takes_back_the_answer_of_another(client, cohort, trainer, work, log_in):
    post(client, work)
    feedback = db.session.scalars(select(Feedback)).one()
    log_in(make_trainer(cohort))

    answer = client.post(f"/feedback/{feedback.id}/undo")

    assert answer.status_code == 409 and f"Ce retour est de {trainer.name}." in shown(answer)


TURNED_AWAY = [
    ("nobody", 302, 401),
    ("owner", 403, 403),
    ("stranger", 404, 404),
    ("other trainer", 404, 404),
    ("trainer no more", 403, 403),
    ("manager", 403, 403),
    ("network", 403, 403),
    ("author", 404, 404),
]


@pytest.mark.parametrize(("visitor", "get_status", "post_status"), TURNED_AWAY)
def test_only_its_trainers_answer_a_work(client, cohort, work, log_in, visitor, get_status, post_status):
    trainer = make_trainer(cohort)
    save()
    criteria = find_work(work.id, trainer.id, frozenset({cohort.id}), NOW).criteria
    answer = Answer("validated", "Bien.", {"telephone": 2, "liste": 2}, {competences()[0].key: 1})
    feedback = services.send_answer(work, trainer, answer, criteria, 0, NOW)
    award = db.session.scalars(select(Award)).one()
    if visitor == "trainer no more":
        person = make_trainer(cohort)
        db.session.query(Posting).filter_by(person_id=person.id).one().ends_on = (NOW - DAY).date()
        log_in(person)
    elif visitor != "nobody":
        log_in(
            {
                "owner": lambda: work.owners[0].person,
                "stranger": make_learner,
                "other trainer": lambda: make_trainer(make_cohort()),
                "manager": lambda: make_manager(cohort.school),
                "network": make_network_manager,
                "author": make_author,
            }[visitor]()
        )

    assert client.get(f"/submissions/{work.id}/answer").status_code == get_status
    assert client.get(f"/awards/{award.id}/level").status_code == get_status
    assert client.post(f"/submissions/{work.id}/answer", data={"comment": "Non"}).status_code == post_status
    assert client.post(f"/awards/{award.id}/level", data={"level": "3", "reason": "x"}).status_code == post_status
    assert client.post(f"/feedback/{feedback.id}/undo").status_code == post_status
    assert db.session.scalar(select(func.count()).select_from(Award)) == 1


def test_what_does_not_exist_is_not_there(client, trainer):
    for address in ("/submissions/999999/answer", "/submissions/999999/feedback", "/awards/999999/level"):
        assert client.get(address).status_code == 404
    assert client.post("/feedback/999999/undo").status_code == 404


# the answer as it is read


def test_a_learner_reads_the_answer_their_levels_and_what_to_do(client, cohort, trainer, work, log_in):
    post(client, work, decision="to_complete", comment="Ajoutez les prix.")
    log_in(work.owners[0].person)

    text = shown(client.get(f"/submissions/{work.id}/feedback"))

    for words in (
        "Il reste quelque chose à compléter",
        "Envoyer une nouvelle version",
        "Ajoutez les prix.",
        "La page marche sur téléphone. oui",
        "Je refais",
    ):
        assert words in text, words


def test_awards_are_personal_even_to_look_at(client, cohort, trainer, log_in):
    assignment = make_assignment(cohort, work="pair", team_size=2)
    pair = [make_learner(cohort), make_learner(cohort)]
    sent = make_submission(assignment.deliverables[0], pair)
    save()
    first = competences()[-2]
    answer = Answer("validated", "Bien.", {"telephone": 2, "liste": 2}, {f"{first.key}@{pair[0].id}": 3})
    services.send_answer(
        sent, trainer, answer, find_work(sent.id, trainer.id, frozenset({cohort.id}), NOW).criteria, 0, NOW
    )

    assert [award.level for award in find_answer(sent.id, pair[0].id).awards] == [3]
    assert find_answer(sent.id, pair[1].id).awards == []
    log_in(pair[1])
    assert "Je transpose" not in shown(client.get(f"/submissions/{sent.id}/feedback"))


def test_an_answer_taken_back_is_not_there_to_read(client, trainer, work, log_in):
    post(client, work)
    client.post(f"/feedback/{db.session.scalars(select(Feedback.id)).one()}/undo")
    log_in(work.owners[0].person)

    text = shown(client.get(f"/submissions/{work.id}/feedback"))

    assert "Pas encore de retour" in text and "La boucle est juste." not in text


@pytest.mark.parametrize(
    ("visitor", "status"),
    [(None, 302), (make_learner, 404), (lambda: make_trainer(make_cohort()), 404), (make_network_manager, 200)],
)
def test_an_answer_is_read_by_its_owners_and_their_team(client, trainer, work, log_in, visitor, status):
    with client.session_transaction() as session:
        session.clear()
    if visitor:
        log_in(visitor())

    assert client.get(f"/submissions/{work.id}/feedback").status_code == status


# a level


@pytest.fixture
def award(client, trainer, work):
    post(client, work)
    return db.session.scalars(select(Award).order_by(Award.id)).first()


def test_a_level_is_withdrawn_with_its_reason_and_the_person_reads_it(client, trainer, work, award, log_in):
    page = shown(client.get(f"/people/{award.person_id}/competences"))
    assert "Changer ce niveau" in page

    answer = client.post(
        f"/awards/{award.id}/level", data={"level": "0", "reason": "Ce travail est d'une autre."}, follow_redirects=True
    )

    assert "Le niveau a changé." in shown(answer)
    assert services.level_now(award.person_id, award.competence_id) == 0
    assert db.session.query(Notice).filter_by(kind="level", person_id=award.person_id).count() == 1
    log_in(work.owners[0].person)
    mine = shown(client.get("/competences"))
    assert "niveau retiré (Ce travail est d'une autre.)" in mine
    assert "Changer ce niveau" not in mine


def test_another_proof_keeps_a_level_that_one_loses(client, cohort, trainer, work, award):
    person = work.owners[0].person
    other = make_submission(make_assignment(cohort, _project_of(work)).deliverables[0], [person])
    save()
    answer = Answer("validated", "Bien.", {"telephone": 2, "liste": 2}, {competences()[0].key: 2})
    services.send_answer(
        other, trainer, answer, find_work(other.id, trainer.id, frozenset({cohort.id}), NOW).criteria, 0, NOW
    )
    assert services.level_now(person.id, award.competence_id) == 2

    page = client.post(
        f"/awards/{award.id}/level", data={"level": "0", "reason": "Pas son travail."}, follow_redirects=True
    )

    assert "Une autre preuve garde le niveau « 2. Adapter »." in shown(page)
    assert services.level_now(person.id, award.competence_id) == 2


def _project_of(work):
    """Another project that aims at the same competences."""
    data = db.session.query(ProjectVersion).filter_by(project_id=work.assignment.project_id).one().data
    return make_project(data={"competences": data["competences"]})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"level": "2", "reason": ""}, "Dites pourquoi en une phrase."),
        ({"level": "2", "reason": "   "}, "Dites pourquoi en une phrase."),
        ({"level": "2", "reason": "é" * 301}, "C'est trop long."),
        ({"level": "", "reason": "Non"}, "Choisissez une réponse pour « Niveau »."),
        ({"level": "9", "reason": "Non"}, "Choisissez une réponse pour « Niveau »."),
        ({"level": "1", "reason": "Pareil"}, "Ce niveau est déjà le sien."),
    ],
)
def test_a_level_changes_with_a_reason_and_a_difference(client, award, data, words):
    answer = client.post(f"/awards/{award.id}/level", data=data)

    assert answer.status_code == 200 and words in shown(answer)
    assert db.session.query(Award).count() == 2


def test_the_pages_of_answering_cost_few_queries(client, cohort, trainer, work, queries):
    for _ in range(12):
        make_submission(work.deliverable)
    save()
    for address, most in (("/queue", 8), (f"/submissions/{work.id}/answer", 5)):
        with queries() as seen:
            Context().run(client.get, address)
        assert len([one for one in seen if one.startswith("SELECT")]) <= most, address
