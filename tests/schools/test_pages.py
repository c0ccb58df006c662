"""Pages of schools, cohorts and people: each does what it says, and keeps what was typed when it refuses."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from popschool.db import db
from popschool.schools import cohorts as services
from popschool.schools.models import Accommodation, Cohort, Enrolment, Network, Person, Posting, School
from tests.factories import (
    NOW,
    TODAY,
    make_cohort,
    make_enrolment,
    make_learner,
    make_manager,
    make_network_manager,
    make_person,
    make_school,
    make_trainer,
    save,
)

DAY = timedelta(days=1)
SCHOOL = {
    "code": "val",
    "name": "Valenciennes",
    "region": "Hauts-de-France",
    "address": "1 rue de la Fabrique",
    "phone": "03 53 01 00 01",
    "mail": "val@example.org",
    "siret": "732 829 320 00074",
    "activity_number": "32 59 01234 59",
    "time_zone": "Europe/Paris",
    "opened_on": "08/03/2027",
}


def written(day):
    return f"{day:%d/%m/%Y}"


@pytest.fixture
def cohort(app):
    return make_cohort()


@pytest.fixture
def manager(cohort, log_in):
    return log_in(make_manager(cohort.school))


@pytest.fixture
def boss(app, log_in):
    return log_in(make_network_manager())


def place_of(person):
    return db.session.scalars(select(Enrolment).where(Enrolment.person_id == person.id)).one()


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_network_manager_opens_a_school_then_invites_its_managers(client, boss):
    answer = client.post("/schools/new", data=SCHOOL)

    school = db.session.scalars(select(School)).one()
    assert answer.location == f"/schools/{school.id}/staff/invite"
    assert (school.code, school.siret, school.activity_number) == ("VAL", "73282932000074", "32590123459")
    page = client.get(f"/schools/{school.id}").text
    for shown in ("Valenciennes", "73282932000074", "32590123459", "1 rue de la Fabrique"):
        assert shown in page
    assert "Valenciennes" in client.get("/network").text


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("code", "", "Il manque une réponse"),
        ("code", "V4L", "Écrivez de 2 à 8 lettres"),
        ("code", "VALENCIENNES", "Écrivez de 2 à 8 lettres"),
        ("code", "VAL\n", "Écrivez de 2 à 8 lettres"),
        ("name", "   ", "Il manque une réponse"),
        ("name", "V" * 121, "C'est trop long. Écrivez 120 caractères au plus."),
        ("region", "Atlantide", "Choisissez une réponse dans la liste"),
        ("phone", "appelez-moi", "Écrivez un numéro de téléphone"),
        ("mail", "val@", "Écrivez l'adresse mail en entier"),
        ("siret", "73282932000075", "Ce numéro n'est pas un SIRET"),
        ("siret", "123", "Ce numéro n'est pas un SIRET"),
        ("activity_number", "1234", "Il a 11 chiffres"),
        ("time_zone", "Mars/Olympus", "Écrivez un fuseau connu"),
        ("opened_on", "hier", "Écrivez la date comme ceci"),
        ("opened_on", "31/02/2027", "Écrivez la date comme ceci"),
        ("opened_on", "01/01/0001", "Écrivez la date comme ceci"),
    ],
)
def test_papers_that_are_badly_written_are_named_and_kept(client, boss, field, value, reason):
    answer = client.post("/schools/new", data=SCHOOL | {field: value})

    assert answer.status_code == 200
    page = answer.text.replace("\u00a0", " ").replace("&#39;", "'")
    assert "<title>Erreur" in page
    assert reason in page
    assert 'value="1 rue de la Fabrique"' in page
    assert count(School) == 0


def test_a_school_is_changed_and_closed(client, boss):
    school = make_school(code="VAL")
    save()

    client.post(
        f"/schools/{school.id}/edit",
        data=SCHOOL | {"name": "Denain", "opened_on": "01/09/2015", "closed_on": written(TODAY)},
    )

    assert (school.name, str(school.opened_on), school.closed_on) == ("Denain", "2015-09-01", TODAY)
    assert "fermée" in client.get("/network").text
    refused = client.post(f"/schools/{school.id}/edit", data=SCHOOL | {"closed_on": "01/01/2020"})
    assert "La fin est avant le début" in refused.text


def test_a_code_that_is_taken_is_said_beside_it(client, boss):
    make_school(code="VAL")
    save()

    page = client.post("/schools/new", data=SCHOOL).text

    assert "Le code VAL est déjà pris" in page
    assert 'href="#code"' in page


def test_a_double_click_opens_one_school(client, boss):
    locations = [client.post("/schools/new", data=SCHOOL).location for _ in range(2)]

    assert locations[0] == locations[1]
    assert count(School) == 1


def test_the_network_keeps_its_papers(client, boss):
    papers = {"name": "Pop School", "legal_name": "Pop School SAS", "siret": "73282932000074"}

    client.post("/network/papers", data=papers | {"activity_number": "32590123459"})

    network = db.session.scalars(select(Network)).one()
    assert (network.legal_name, network.activity_number) == ("Pop School SAS", "32590123459")
    assert 'value="Pop School SAS"' in client.get("/network/papers").text
    assert "Il manque une réponse" in client.post("/network/papers", data={}).text


def test_schools_are_filtered_by_name_and_region(client, boss):
    make_school(name="Élancourt", region="Île-de-France")
    make_school(name="Amiens", region="Hauts-de-France")
    save()

    def listed(query):
        page = client.get(f"/network?{query}").text
        return [name for name in ("Élancourt", "Amiens") if f">{name}</a>" in page]

    assert listed("") == ["Élancourt", "Amiens"]
    assert listed("q=elan") == ["Élancourt"]
    assert listed("region=Hauts-de-France") == ["Amiens"]
    assert listed("region=Nulle+part&q=" + "x" * 500) == []


def test_a_school_without_cohorts_says_what_to_do(client, log_in, app):
    school = make_school()
    log_in(make_manager(school))

    page = client.get(f"/schools/{school.id}").text

    assert "Ouvrez votre première promo" in page
    assert f"/schools/{school.id}/cohorts/new" in page


def test_long_lists_come_25_lines_at_a_time(client, manager, cohort):
    for _ in range(30):
        make_enrolment(make_person(home_school_id=cohort.school_id), cohort)
    for _ in range(29):
        make_cohort(cohort.school)
    save()

    for address, of_a_line in (
        ("/people", 'href="/people/'),
        (f"/cohorts/{cohort.id}", 'href="/people/'),
        ("/cohorts", 'href="/cohorts/'),
        (f"/schools/{cohort.school_id}", 'href="/cohorts/'),
    ):
        first, second = (client.get(f"{address}?page={number}").text for number in (1, 2))
        assert first.count(of_a_line) - second.count(of_a_line) in (19, 20), address
        assert "Page 1 sur 2" in first.replace("\u00a0", " "), address
        assert client.get(f"{address}?page=99999999999").status_code == 200


def test_a_cohort_says_who_is_in_it_and_where_each_place_stands(client, manager, cohort):
    learner, gone, to_come, never = (make_person(first_name=name) for name in ("Ici", "Partie", "Bientôt", "Jamais"))
    make_enrolment(learner, cohort)
    make_enrolment(gone, cohort, left_on=TODAY - DAY, exit_reason="employment")
    make_enrolment(to_come, cohort, starts_on=TODAY + DAY)
    make_enrolment(never, cohort, left_on=cohort.starts_on - DAY, exit_reason="never_came")
    make_trainer(cohort)
    save()

    page = client.get(f"/cohorts/{cohort.id}").text

    for words in ("en formation", "a trouvé un emploi", "à venir", "jamais venu", "Formatrice"):
        assert words in page


def test_the_dates_of_a_cohort_change(client, manager, cohort):
    make_learner(cohort)
    save()
    ends_on = cohort.ends_on + 30 * DAY

    client.post(
        f"/cohorts/{cohort.id}/edit",
        data={"name": "Nouveau", "starts_on": written(cohort.starts_on), "ends_on": written(ends_on)},
    )

    assert (cohort.name, cohort.ends_on) == ("Nouveau", ends_on)
    assert db.session.scalars(select(Enrolment.ends_on)).one() == ends_on
    page = client.post(
        f"/cohorts/{cohort.id}/edit", data={"starts_on": written(TODAY), "ends_on": written(TODAY - DAY)}
    ).text
    assert "La fin est avant le début" in page


def test_a_cohort_is_archived_and_opened_again(client, manager, cohort):
    make_learner(cohort)
    save()

    assert "1 personne y a encore une place" in client.get(f"/cohorts/{cohort.id}/archive").text
    client.post(f"/cohorts/{cohort.id}/archive")
    client.post(f"/cohorts/{cohort.id}/archive")
    assert cohort.archived_at == NOW
    page = client.get(f"/cohorts/{cohort.id}").text
    assert "archivée" in page
    assert f"/cohorts/{cohort.id}/import" not in page
    refused = client.post(f"/cohorts/{cohort.id}/people/new", data=person() | dates(cohort))
    assert "est archivée" in refused.text
    client.post(f"/cohorts/{cohort.id}/reopen")
    assert cohort.archived_at is None


def person(**changes):
    return {"first_name": "Élodie", "last_name": "Test", "mail": "elodie@example.org"} | changes


def dates(cohort):
    return {"starts_on": written(TODAY), "ends_on": written(cohort.ends_on)}


def test_a_person_is_added_to_a_cohort(client, manager, cohort):
    answer = client.post(f"/cohorts/{cohort.id}/people/new", data=person() | dates(cohort))

    assert answer.location == f"/cohorts/{cohort.id}"
    assert "Élodie Test a une place dans la promo" in client.get(answer.location).text


def test_a_person_added_twice_is_one_person(client, manager, cohort):
    before = count(Person)

    for _ in range(2):
        assert client.post(f"/cohorts/{cohort.id}/people/new", data=person() | dates(cohort)).status_code == 302

    assert (count(Person) - before, count(Enrolment)) == (1, 1)


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"first_name": ""}, "Il manque une réponse", "first_name"),
        ({"first_name": " \u00a0 "}, "Il manque une réponse", "first_name"),
        ({"last_name": "N" * 81}, "Écrivez 80 caractères au plus", "last_name"),
        ({"mail": "elodie"}, "Écrivez l&#39;adresse mail en entier", "mail"),
        ({"mail": "", "phone": "12"}, "Écrivez un numéro de téléphone", "phone"),
        ({"mail": "", "number": "SANSCHIFFRE"}, "qui n&#39;est pas un téléphone", "number"),
        ({"mail": ""}, "au moins l&#39;un des trois", None),
        ({"mail": "prise@example.org"}, "est déjà à quelqu&#39;un d&#39;autre", "mail"),
        ({"number": "p-1"}, "est déjà à quelqu&#39;un d&#39;autre", "number"),
        ({"starts_on": "demain"}, "Écrivez la date comme ceci", "starts_on"),
        ({"starts_on": "01/01/2020"}, "pas dans celles de la promo", None),
        ({"ends_on": "01/01/2020"}, "La fin est avant le début", None),
    ],
)
def test_a_person_who_is_badly_described_is_not_added_and_nothing_typed_is_lost(
    client, manager, cohort, changes, reason, field
):
    make_person(mail="prise@example.org", learner_number="P1")
    save()
    before = count(Person)

    page = client.post(f"/cohorts/{cohort.id}/people/new", data=person() | dates(cohort) | changes).text

    assert reason in page.replace("\u00a0", " ")
    assert field is None or f'href="#{field}"' in page
    assert changes.get("last_name", "Test") in page
    assert (count(Person), count(Enrolment)) == (before, 0)


def test_a_person_who_is_known_gets_a_place_from_their_page(client, manager, cohort):
    known = make_person(home_school_id=cohort.school_id)
    save()

    page = client.get(f"/people/{known.id}/enrol").text
    assert f"/cohorts/{cohort.id}/people/{known.id}/enrol" in page
    client.post(f"/cohorts/{cohort.id}/people/{known.id}/enrol", data=dates(cohort))

    assert place_of(known).cohort_id == cohort.id
    page = client.post(f"/cohorts/{cohort.id}/people/{known.id}/enrol", data=dates(cohort) | {"starts_on": ""}).text
    assert "Il manque une réponse" in page


def test_an_exit_is_recorded_corrected_and_taken_back(client, manager, cohort):
    learner = make_learner(cohort)
    save()
    address = f"/enrolments/{place_of(learner).id}/leave"

    client.post(address, data={"left_on": written(TODAY), "reason": "employment", "note": "en CDI"})
    assert (place_of(learner).left_on, place_of(learner).exit_reason) == (TODAY, "employment")
    assert "en CDI" in client.get(address).text
    client.post(address, data={"left_on": written(TODAY - DAY), "reason": "other_training"})
    assert place_of(learner).exit_reason == "other_training"
    client.post(address, data={"undo": "1"})
    assert place_of(learner).left_on is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({}, "Il manque une réponse"),
        ({"left_on": "08/03/2027"}, "Il manque une réponse"),
        ({"left_on": "08/03/2027", "reason": "moved_cohort"}, "Choisissez une réponse"),
        ({"left_on": "08/03/2027", "reason": "fatigue"}, "Choisissez une réponse"),
        ({"left_on": "08/03/2027", "reason": "other", "note": "n" * 501}, "Écrivez 500 caractères au plus"),
        ({"left_on": "08/03/2020", "reason": "other"}, "La fin est avant le début"),
        ({"left_on": "08/03/2029", "reason": "other"}, "pas dans celles de la promo"),
        ({"undo": "1"}, "Il manque une réponse"),
    ],
)
def test_an_exit_needs_a_day_and_a_reason(client, manager, cohort, data, reason):
    learner = make_learner(cohort)
    save()

    page = client.post(f"/enrolments/{place_of(learner).id}/leave", data=data).text

    assert reason in page.replace("\u00a0", " ")
    assert place_of(learner).left_on is None


def test_a_learner_moves_and_the_move_is_taken_back(client, manager, cohort):
    learner, goal = make_learner(cohort), make_cohort(cohort.school)
    save()
    place = place_of(learner)

    answer = client.post(f"/enrolments/{place.id}/move", data={"cohort": goal.id, "on": written(TODAY)})

    assert answer.location == f"/cohorts/{goal.id}"
    assert place.left_on == TODAY - DAY
    history = client.get(f"/people/{learner.id}").text
    assert cohort.code in history
    assert goal.code in history
    page = client.get(f"/enrolments/{place.id}/leave").text
    assert "Annuler le changement" in page
    refused = client.post(f"/enrolments/{place.id}/leave", data={"left_on": written(TODAY), "reason": "other"}).text
    assert "a changé de promo" in refused
    client.post(f"/enrolments/{place.id}/leave", data={"undo": "1"})
    assert place.left_on is None


@pytest.mark.parametrize("goal", ["", "abc", "999999999999999999999", "0"])
def test_a_move_leads_to_a_cohort_of_the_list(client, manager, cohort, goal):
    learner = make_learner(cohort)
    make_cohort(cohort.school)
    foreign = make_cohort()
    save()
    place = place_of(learner)

    for one in (goal, foreign.id, cohort.id):
        page = client.post(f"/enrolments/{place.id}/move", data={"cohort": one, "on": written(TODAY)}).text
        assert "Choisissez une réponse dans la liste" in page
    assert place.left_on is None


def test_the_dates_of_a_place_change(client, manager, cohort):
    learner = make_learner(cohort)
    save()
    address = f"/enrolments/{place_of(learner).id}/dates"

    client.post(address, data={"starts_on": written(TODAY), "ends_on": written(TODAY + 9 * DAY)})

    assert (place_of(learner).starts_on, place_of(learner).ends_on) == (TODAY, TODAY + 9 * DAY)
    for data in ({}, {"starts_on": "x", "ends_on": "y"}, {"starts_on": written(TODAY), "ends_on": "01/01/2030"}):
        assert "Erreur" in client.post(address, data=data).text


def test_a_trainer_is_posted_and_their_posting_ends(client, manager, cohort):
    trainer = make_trainer(school=cohort.school)
    save()

    client.post(f"/cohorts/{cohort.id}/trainers/new", data={"trainer": trainer.id, "starts_on": written(TODAY)})
    posting = db.session.scalars(select(Posting)).one()
    assert (posting.person_id, posting.ends_on) == (trainer.id, None)
    client.post(f"/postings/{posting.id}/end", data={"on": written(TODAY + DAY)})
    assert posting.ends_on == TODAY + DAY
    assert "La fin est avant le début" in client.post(f"/postings/{posting.id}/end", data={"on": "01/01/2027"}).text


def test_only_a_trainer_of_the_school_is_posted(client, manager, cohort):
    make_trainer(school=cohort.school)
    foreign = make_trainer()
    save()

    page = client.post(
        f"/cohorts/{cohort.id}/trainers/new", data={"trainer": foreign.id, "starts_on": written(TODAY)}
    ).text

    assert "Choisissez une réponse dans la liste" in page
    assert count(Posting) == 0


def test_anybody_is_found_by_a_part_of_what_names_them(client, manager, cohort):
    learner = make_learner(cohort, first_name="Élodie", last_name="Œuvrard")
    learner.search_key = "elodie oeuvrard elo@example.org"
    make_learner(cohort, first_name="Karim")
    save()

    for text in ("elodie", "OEUVRARD", "elo@example.org", "œuv él"):
        page = client.get("/people", query_string={"q": text}).text
        assert f"/people/{learner.id}" in page, text
        assert "Karim" not in page, text
    assert "Personne ne correspond" in client.get("/people?q=zzz").text
    assert client.get("/people", query_string={"q": "x" * 5000}).status_code == 200
    assert client.get("/people?q=%00").status_code == 400


def test_a_person_is_corrected(client, manager, cohort):
    learner = make_learner(cohort)
    save()

    client.post(f"/people/{learner.id}/edit", data=person(phone="0639980007", number="v-7"))

    assert (learner.name, learner.phone, learner.learner_number) == ("Élodie Test", "+33639980007", "V7")


def test_a_manager_does_not_rename_the_way_in_of_somebody_above(client, cohort, log_in):
    """Whoever may change a mail may ask for a code at it."""
    boss = make_network_manager(home_school_id=cohort.school_id)
    log_in(make_manager(cohort.school))

    answer = client.post(f"/people/{boss.id}/edit", data=person(mail="moi@example.org"))

    assert answer.status_code == 409
    assert boss.mail != "moi@example.org"


def test_what_is_arranged_is_shown_and_ends(client, manager, cohort):
    learner = make_learner(cohort)
    save()

    client.post(
        f"/people/{learner.id}/accommodations/new",
        data={"deadline_days": "2", "extra_time_percent": "33", "starts_on": written(TODAY)},
    )

    arranged = db.session.scalars(select(Accommodation)).one()
    assert (arranged.deadline_days, arranged.extra_time_percent, arranged.school_id) == (2, 33, cohort.school_id)
    assert "2 jours en plus" in client.get(f"/people/{learner.id}").text
    client.get(f"/accommodations/{arranged.id}/end")
    assert arranged.ends_on is None
    client.post(f"/accommodations/{arranged.id}/end")
    assert arranged.ends_on == TODAY


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({}, "Il manque une réponse"),
        ({"starts_on": "08/03/2027"}, "Dites ce qui est arrangé"),
        ({"starts_on": "08/03/2027", "deadline_days": "beaucoup"}, "Écrivez un nombre entier"),
        ({"starts_on": "08/03/2027", "deadline_days": "61"}, "Écrivez un nombre entre 0 et 60"),
        ({"starts_on": "08/03/2027", "deadline_days": "-1"}, "Écrivez un nombre entre 0 et 60"),
        ({"starts_on": "08/03/2027", "format": "f" * 201}, "Écrivez 200 caractères au plus"),
        ({"starts_on": "08/03/2027", "format": "gros", "ends_on": "07/03/2027"}, "La fin est avant le début"),
    ],
)
def test_what_is_arranged_is_said_in_full(client, manager, cohort, data, reason):
    learner = make_learner(cohort)
    save()

    page = client.post(f"/people/{learner.id}/accommodations/new", data=data).text

    assert reason in page.replace("\u00a0", " ")
    assert count(Accommodation) == 0


ROSTER = "prenom;nom;mail\nÉlodie;Test;elodie@example.org\nKarim;Test;karim@example.org\n"


def test_a_roster_is_looked_at_then_brought_in(client, manager, cohort):
    address = f"/cohorts/{cohort.id}/import"

    page = client.post(address, data={"file": (io.BytesIO(ROSTER.encode("cp1252")), "promo.csv")}).text

    assert "2 personnes nouvelles" in page.replace("\u00a0", " ")
    assert "Élodie Test" in page
    assert count(Enrolment) == 0
    answer = client.post(address, data={"text": ROSTER, "do": "import"})
    assert answer.location == f"/cohorts/{cohort.id}/invitations"
    assert "2 personnes ont une place" in client.get(answer.location).text.replace("\u00a0", " ")


def test_a_roster_sent_twice_changes_nothing_and_says_so(client, manager, cohort):
    address = f"/cohorts/{cohort.id}/import"
    for _ in range(2):
        answer = client.post(address, data={"text": ROSTER, "do": "import"})

    assert "Tout le monde avait déjà sa place" in client.get(answer.location).text
    assert count(Enrolment) == 2


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ({}, "Choisissez un fichier ou collez une liste"),
        ({"text": "   \n  "}, "Choisissez un fichier ou collez une liste"),
        ({"file": b""}, "Ce fichier est vide"),
        ({"file": b"PK\x03\x04classeur"}, "pas un CSV"),
        ({"file": b"x" * 1_000_001}, "Ce fichier est trop lourd"),
        ({"text": "x" * 1_000_001}, "trop long"),
        ({"text": ROSTER + "Zoé;Test;faux\n"}, "Ligne 4"),
        ({"text": ROSTER + "Zoé;Test;faux\n", "do": "import"}, "Ligne 4"),
    ],
)
def test_a_roster_that_is_refused_says_why_and_adds_nobody(client, manager, cohort, sent, reason):
    if "file" in sent:
        sent = {"file": (io.BytesIO(sent["file"]), "promo.csv")}

    answer = client.post(f"/cohorts/{cohort.id}/import", data=sent)

    assert reason in answer.text.replace("&#39;", "'")
    assert "<title>Erreur" in answer.text
    assert count(Enrolment) == 0


def test_a_roster_of_many_problems_shows_the_first_hundred(client, manager, cohort):
    page = client.post(f"/cohorts/{cohort.id}/import", data={"text": "prenom;nom;mail\n" + "A;B;faux\n" * 150}).text

    assert "Et 50 autres lignes" in page.replace("\u00a0", " ")
    assert page.count("est pas une adresse mail") == 100


def test_the_model_of_a_roster_is_read_by_the_roster(client, manager, cohort):
    model = client.get(f"/cohorts/{cohort.id}/import/template.csv")

    assert model.headers["Content-Disposition"] == 'attachment; filename="modele-promo.csv"'
    lines = model.data + "Élodie;Test;elodie@example.org;;;;\r\n".encode()
    page = client.post(f"/cohorts/{cohort.id}/import", data={"file": (io.BytesIO(lines), "promo.csv")}).text
    assert "1 personne nouvelle" in page.replace("\u00a0", " ")


def test_what_is_typed_is_shown_and_never_run(client, manager, cohort):
    script = "<script>alert(1)</script>"

    page = client.post(f"/cohorts/{cohort.id}/import", data={"text": f"prenom;nom;mail\n{script};Test;faux\n"}).text
    client.post(f"/cohorts/{cohort.id}/people/new", data=person(first_name=script) | dates(cohort))

    assert script not in page
    assert script not in client.get(f"/cohorts/{cohort.id}").text
    assert script not in client.get("/people").text


def test_a_page_of_a_cohort_takes_as_many_queries_for_24_people_as_for_one(client, manager, cohort, queries):
    def asked():
        save()
        with queries() as seen:
            assert client.get(f"/cohorts/{cohort.id}").status_code == 200
        return len(seen)

    make_learner(cohort)
    make_trainer(cohort)
    first = asked()
    for _ in range(23):
        make_learner(cohort)

    assert asked() == first <= 8


@pytest.mark.parametrize("address", ["/people", "/cohorts", "/schools/{school}", "/people/{person}"])
def test_a_page_of_staff_takes_few_queries_however_large_the_network(client, manager, cohort, queries, address):
    learner = make_learner(cohort)
    path = address.format(school=cohort.school_id, person=learner.id)

    def asked():
        save()
        with queries() as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    first = asked()
    for _ in range(14):
        make_learner(make_cohort(cohort.school))
        make_learner(make_cohort())

    assert asked() == first <= 8


def test_somebody_whose_cohort_is_still_to_come_is_told_when_it_begins(client, log_in, app):
    cohort = make_cohort(starts_on=TODAY + 9 * DAY)
    learner = make_person()
    make_enrolment(learner, cohort)
    log_in(learner)

    page = client.get("/").text.replace("\u00a0", " ")

    assert f"Votre promo {cohort.code} commence le" in page
    assert client.get(f"/cohorts/{cohort.id}").status_code == 404


def test_a_closed_school_opens_no_cohort(app, now):
    cohort = make_cohort()
    cohort.school.closed_on = TODAY
    save()

    with pytest.raises(services.rules.SchoolClosed):
        services.open_cohort(
            cohort.school, programme_id=cohort.programme_id, revision_id=cohort.revision_id, code="X-1", name="",
            starts_on=TODAY, ends_on=TODAY, actor_id=0, now=now,
        )  # fmt: skip
    assert count(Cohort) == 1
