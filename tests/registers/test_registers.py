"""The registers of a school on its pages: written, corrected by another row, answered, signed, found again, printed."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError

from popschool import clock
from popschool.completion.models_papers import Document
from popschool.completion.tasks import make_paper
from popschool.db import db, transaction
from popschool.messages.models import Notice
from popschool.registers import rules, services, services_house, services_surveys
from popschool.registers.models import Record, RecordAct, RulesReceipt, Survey, SurveyAnswer, SurveyAsked
from popschool.registers.rules import Draft, Register
from popschool.registers.services import Asked
from popschool.registers.services_missing import missing
from popschool.schools.models import Enrolment, School
from tests.factories import (
    make_cohort,
    make_enrolment,
    make_learner,
    make_manager,
    make_person,
    make_school,
    make_trainer,
    save,
)
from tests.shown import shown as words

SAID = {"stage": "way", "said": "Le projet avance.", "decided": "Un point chaque lundi."}
TESTED = {"means": "test", "result": "Bases acquises.", "decided": "Parcours entier."}


@pytest.fixture
def place(app):
    """A learner's place, its trainer and the school's manager."""
    cohort = make_cohort()
    make_learner(cohort)
    found = db.session.scalars(select(Enrolment)).one()
    trainer, manager = make_trainer(cohort), make_manager(cohort.school)
    save()
    return found, trainer, manager


def written(place, register=Register.INTERVIEWS, facts=SAID, **given):
    enrolment, trainer, _manager = place
    draft = Draft(clock.today(), facts, **given)
    about = enrolment if register in rules.OF_A_PLACE else None
    return services.write(register, enrolment.school_id, draft, trainer, clock.now(), clock.today(), about)


def test_a_correction_is_another_row_and_the_first_stays(place, client, log_in):
    record = written(place)
    log_in(place[1])

    client.post(
        f"/records/{record.id}/correct", data=SAID | {"on": "08/03/2027", "decided": "Le mardi.", "reason": "jour"}
    )

    versions = services.versions_of(record.id)
    assert [(one.version, one.facts["decided"]) for one in versions] == [(1, SAID["decided"]), (2, "Le mardi.")]
    assert services.lines_of_place(place[0].id, clock.today())[0].record.version == 2
    page = words(client.get(f"/records/{record.id}"))
    assert "Le mardi." in page and SAID["decided"] in page and "Motif : jour" in page
    with pytest.raises(DatabaseError), transaction():
        db.session.execute(Record.__table__.update().values(reason="autre"))


def test_a_correction_that_changes_nothing_or_says_no_reason_is_refused(place):
    record = written(place)
    draft = record.draft

    for reason, error in (("jour", rules.NothingChanged), (" ", rules.ReasonMissing)):
        with pytest.raises(error):
            services.correct(record, draft, reason, place[1], clock.now(), clock.today())
    assert len(services.versions_of(record.id)) == 1


def test_a_register_is_searched_without_accents_by_name_word_state_and_day(place):
    enrolment, today = place[0], clock.today()
    written(place)
    late = written(place, Register.IMPROVEMENTS, {"source": "team", "what": "Réparer le vidéoprojecteur."},
                   due_on=today - timedelta(days=1), owner_id=place[2].id)  # fmt: skip

    def found(register, **asked):
        return services.listed(register, enrolment.school_id, Asked(**asked), today, 0, 25)[1]

    assert found(Register.INTERVIEWS, text=enrolment.person.last_name) == 1
    assert found(Register.INTERVIEWS, first=today + timedelta(days=1)) == 0
    assert found(Register.IMPROVEMENTS, text="REPARER", state="late") == 1
    assert found(Register.IMPROVEMENTS, state="ended") == 0
    services.end(late, "Réparé.", place[2], clock.now(), today)
    assert (found(Register.IMPROVEMENTS, state="late"), found(Register.IMPROVEMENTS, state="ended")) == (0, 1)


def test_a_complaint_without_a_name_keeps_nothing_of_its_author_and_is_answered_by_its_link(place, client, log_in):
    enrolment, trainer, manager = place
    assert "/complaints/new" in client.get("/help").text
    led = client.get(f"/complaints/new?who=funder&school={enrolment.school_id}").text
    assert f'<option selected value="{enrolment.school_id}">' in led
    assert re.search(r'value="funder"[^>]*checked', led)
    log_in(enrolment.person)

    sent = client.post(
        "/complaints/new", data={"school": enrolment.school_id, "who": "learner", "said": "Il fait froid."}
    )

    link = sent.location.split("#")[0]
    record = db.session.scalars(select(Record)).one()
    assert (record.by_id, record.person_id, record.enrolment_id) == (None, None, None)
    assert link.rsplit("/", 1)[-1] not in record.secret_hash
    log_in(trainer)
    assert client.get(f"/records/{record.id}").status_code in (403, 404)
    log_in(manager)
    client.post(f"/records/{record.id}", data={"text": "Le chauffage est réglé."})
    again = client.post(f"/records/{record.id}", data={"text": "Une autre réponse."})
    assert again.status_code == 200
    assert db.session.scalars(select(RecordAct.text)).all() == ["Le chauffage est réglé."]
    client.post("/sign-out")
    assert "Le chauffage est réglé." in words(client.get(link))
    assert client.get("/complaints/aaaaaaaaaaaaaaaaaaaaaaaa").status_code == 404


def test_a_complaint_is_about_no_school_until_one_is_chosen(place, client):
    make_school(name="Ailleurs")
    save()

    asked = client.get("/complaints/new").text
    answer = client.post("/complaints/new", data={"school": "", "who": "other", "said": "Il fait froid."})

    assert '<option value="">Choisissez dans la liste</option>' in asked and "<option selected" not in asked
    assert "Quelle école : Il manque une réponse." in words(answer) and "Il fait froid." in answer.text
    assert db.session.scalar(select(Record)) is None
    nothing = words(client.post("/complaints/new", data={}))
    assert "Il y a 3 choses à corriger Quelle école : Il manque une réponse." in nothing


def test_a_named_complaint_is_told_its_answer_and_a_paper_never_says_the_name(place, client, log_in):
    enrolment, _trainer, manager = place
    log_in(enrolment.person)
    client.post(
        "/complaints/new", data={"school": enrolment.school_id, "who": "learner", "said": "Froid.", "name": "Zoé Nom"}
    )
    record = db.session.scalars(select(Record)).one()
    log_in(manager)

    client.post(f"/records/{record.id}", data={"text": "C'est réglé."})
    address = f"/schools/{enrolment.school_id}/registers/complaints/paper"
    seen = re.search(r'name="seen"[^>]*value="([0-9a-f]+)"', client.get(address).text)[1]
    client.post(address, data={"seen": seen})

    notices = db.session.scalars(select(Notice.url).where(Notice.person_id == enrolment.person_id)).all()
    assert notices == [f"/my/complaints/{record.id}"]
    document = db.session.scalars(select(Document)).one()
    assert document.number.split("-")[2] == "RC"
    said = str(document.content.content)
    assert "Froid." in said and "C'est réglé." in said.replace("’", "'") and "Zoé" not in said
    make_paper(document.id)
    db.session.expire_all()
    assert document.paper.size > 5000
    assert client.post(address, data={"seen": seen}).status_code == 200
    assert db.session.scalar(select(func.count()).select_from(Document)) == 1


def test_too_many_complaints_from_one_network_are_refused_for_a_while(place, client):
    form = {"school": place[0].school_id, "who": "other", "said": "Encore."}

    answers = [client.post("/complaints/new", data=form).status_code for _time in range(11)]

    assert answers == [302] * 10 + [200]
    assert db.session.scalar(select(func.count()).select_from(Record)) == 10


def test_house_rules_are_signed_once_and_again_when_they_change(place, client, log_in):
    enrolment, _trainer, manager = place
    log_in(manager)
    client.post(f"/schools/{enrolment.school_id}/house-rules", data={"text": "On prévient."})
    same = client.post(f"/schools/{enrolment.school_id}/house-rules", data={"text": "On prévient.\r\n"})
    log_in(enrolment.person)
    address = f"/my/house-rules/{enrolment.id}"
    client.post(f"{address}?version=1")
    client.post(f"{address}?version=1")
    first = missing(enrolment.school_id, clock.today())[Register.RULES]
    services_house.publish(enrolment.school_id, "On prévient la veille.", manager, clock.now(), clock.today())
    old = client.post(f"{address}?version=1")

    assert (same.status_code, old.status_code, first) == (200, 200, 0)
    assert db.session.scalar(select(func.count()).select_from(RulesReceipt)) == 1
    assert missing(enrolment.school_id, clock.today())[Register.RULES] == 1
    client.post(f"{address}?version=2")
    text = services_house.last_rules(enrolment.school_id)
    lines, total = services_house.receipts(text, Asked(state="signed"), clock.today(), 0, 25)
    assert (total, lines[0].receipt.hash) == (1, text.hash)


def test_an_answer_to_a_survey_has_no_name_and_the_first_one_holds(place, client, log_in):
    enrolment, _trainer, manager = place
    today = clock.today()
    survey = services_surveys.open_survey(
        enrolment.cohort, "Mi-parcours", today, today + timedelta(days=7), manager, clock.now()
    )
    assert services_surveys.remind(clock.now(), today) == 1
    assert services_surveys.remind(clock.now(), today) == 0
    asked = db.session.scalars(select(SurveyAsked)).one()
    log_in(enrolment.person)
    ratings = dict.fromkeys(rules.QUESTIONS, "3")

    half = client.post(f"/my/surveys/{asked.id}", data={"welcome": "3"})
    client.post(f"/my/surveys/{asked.id}", data=ratings | {"comment": "Merci"})
    client.post(f"/my/surveys/{asked.id}", data=ratings | {"comment": "Encore"})

    assert half.status_code == 200
    answer = db.session.scalars(select(SurveyAnswer)).one()
    assert (answer.comment, set(SurveyAnswer.__table__.columns.keys())) == (
        "Merci",
        {"id", "survey_id", "ratings", "comment"},
    )
    assert services_surveys.remind(clock.now(), today + timedelta(days=4)) == 0
    log_in(manager)
    page = words(client.get(f"/surveys/{survey.id}"))
    assert "Réponses reçues : 1 sur 1." in page and "Merci" not in page


def test_a_survey_needs_days_and_people(place):
    cohort, today = place[0].cohort, clock.today()

    for first, last, error in (
        (today, today, rules.SurveyDays),
        (today, today + timedelta(days=90), rules.SurveyDays),
        (cohort.ends_on + timedelta(days=9), cohort.ends_on + timedelta(days=20), rules.NobodyAsked),
    ):
        with pytest.raises(error):
            services_surveys.open_survey(cohort, "Avis", first, last, place[2], clock.now())
    assert db.session.scalar(select(func.count()).select_from(Survey)) == 0


def test_what_is_missing_begins_with_the_register(place):
    enrolment, today = place[0], clock.today()
    assert missing(enrolment.school_id, today)[Register.POSITIONING] == 0
    later = make_enrolment(make_person(), enrolment.cohort)
    save()

    services.write(Register.POSITIONING, enrolment.school_id, Draft(enrolment.starts_on, TESTED), place[1], clock.now(),
                   today, enrolment)  # fmt: skip

    assert later.starts_on >= enrolment.starts_on
    assert missing(enrolment.school_id, today)[Register.POSITIONING] == 1


def test_another_schools_lines_are_as_if_they_were_not_there(place, client, log_in):
    record = written(place)
    stranger = make_school()
    other = make_manager(stranger)
    save()
    log_in(other)

    assert client.get(f"/records/{record.id}").status_code == 404
    assert client.get(f"/enrolments/{place[0].id}/records").status_code == 404
    assert client.get(f"/schools/{place[0].school_id}/registers").status_code == 404
    assert client.get(f"/schools/{stranger.id}/registers/zzz").status_code == 404


@pytest.fixture
def many_schools(place):
    for number in range(60):
        make_school(name=f"Fabrique {number:02}", region="Normandie" if number % 2 else "Occitanie")
    save()
    return place


def test_where_schools_are_many_one_is_asked_by_its_name_before_a_complaint(many_schools, client):
    school = db.session.scalars(select(School).where(School.name == "Fabrique 33")).one()

    asked = words(client.get("/complaints/new?who=funder"))
    by_region = client.get("/complaints/new?who=funder&q=normandie").text
    by_name = client.get("/complaints/new?who=funder&q=FABRIQUE+33").text
    nothing = words(client.get("/complaints/new?q=nulle+part"))

    assert "Envoyer ma réclamation" not in asked and "Fabrique" not in asked
    assert by_region.count('class="soft">Normandie') == 25 and "Écrivez plus de lettres" in by_region
    assert f'href="/complaints/new?school={school.id}&amp;who=funder"' in by_name and by_name.count("Fabrique") == 1
    assert "Aucune école n'a ce nom" in nothing
    page = client.get(f"/complaints/new?school={school.id}&who=funder").text
    assert "Fabrique 33" in page and "Fabrique 34" not in page and "<select" not in page
    assert re.search(r'value="funder"[^>]*checked', page)
    sent = client.post(f"/complaints/new?school={school.id}", data=sent_by(page) | {"said": "Il fait froid."})
    assert sent.status_code == 302
    assert db.session.scalars(select(Record.school_id)).all() == [school.id]


def test_where_schools_are_many_ones_own_is_known_and_another_may_be_asked_for(many_schools, client, log_in):
    enrolment = many_schools[0]
    log_in(enrolment.person)

    page = client.get("/complaints/new").text
    assert f'<input type="hidden" name="school" value="{enrolment.school_id}">' in page
    [other] = re.findall(r'href="(/complaints/new\?q=[^"]*)"', page)
    assert "Envoyer ma réclamation" not in words(client.get(other.replace("&amp;", "&")))


def test_a_complaint_about_a_school_that_closed_meanwhile_keeps_what_was_typed(many_schools, client):
    refused = client.post("/complaints/new", data={"school": 0, "who": "learner", "said": "Il fait froid."})

    assert refused.status_code == 200
    assert "Il fait froid." in refused.text and "Fabrique 59" in refused.text
    assert db.session.scalars(select(Record)).all() == []


def sent_by(page):
    """Return what the form of a complaint sends by itself."""
    [school] = re.findall(r'name="school" value="(\d+)"', page)
    return {"school": school, "who": "funder"}
