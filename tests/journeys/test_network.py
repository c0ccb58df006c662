"""A school fills a cohort from a list, moves a learner whose history follows, and a network opens a school."""

import pytest

from popschool.auth.models import Account, RoleGrant
from popschool.db import db
from popschool.schools.models import Enrolment, Person, School
from tests import factories
from tests.journeys import lap, scenes

PHONE = {"phone": True, "scripts": False}


@pytest.fixture
def scene(town):
    return scenes.a_school_at_work(town)


def people_of(town, cohort: int) -> list[str]:
    with town.records():
        places = db.session.query(Enrolment).filter_by(cohort_id=cohort).order_by(Enrolment.id)
        return [place.person.name for place in places]


def test_a_list_is_read_first_then_taken_whole(town, arrive, scene, tmp_path):
    # given a list with five things wrong, as a spreadsheet in French writes it
    before = people_of(town, scene.cohort)
    key = scene.code.lower()
    bad = tmp_path / "liste.csv"
    bad.write_bytes(
        "Prénom;Nom;Mail;Téléphone;Numéro;Début;Fin\r\n"
        f"Élève;21;eleve21-{key}@example.org;;;;\r\n"
        ";22;eleve22@example.org;;;;\r\n"
        "Élève;23;eleve23@;;;;\r\n"
        "Élève;24;;06 39;;;\r\n"
        f"Élève;25;eleve25-{key}@example.org;;;31/02/2027;\r\n"
        "Élève;26;;;;;\r\n".encode("cp1252")
    )
    manager = arrive(town)
    scenes.sign_in_as_manager(town, manager, scene.manager)
    manager.follow(scene.code)
    manager.follow("Ajouter une liste")

    # when it is read
    manager.attach("Votre fichier", bad)
    manager.press("Lire la liste")

    # then every line is named, and nothing was added
    manager.sees("5 problèmes : rien n'est ajouté")
    for line in (3, 4, 5, 6, 7):
        manager.sees(f"Ligne {line}")
    manager.does_not_see("Ligne 2")
    assert people_of(town, scene.cohort) == before

    # when it is corrected where it is shown, read again, and taken
    manager.write(
        "Ou collez la liste",
        "prenom;nom;mail;telephone;numero;debut;fin\n"
        f"Élève;21;eleve21-{key}@example.org;;;;\n"
        f"Élève;22;;06 39 98 {scene.cohort % 100:02} 77;;08/03/2027;10/06/2027\n"
        f"Élève;23;;;N{scene.cohort}23;;\n",
    )
    manager.press("Lire la liste")
    manager.sees("La liste est juste. Voici ce qui sera fait.", "3 personnes nouvelles")
    assert people_of(town, scene.cohort) == before
    manager.press_twice("Ajouter ces personnes")

    # then everybody has one place, and may be invited as each can be reached
    assert people_of(town, scene.cohort) == [*before, "Élève 21", "Élève 22", "Élève 23"]
    manager.is_at("Les invitations")
    manager.press("Envoyer les invitations")
    manager.sees("2 invitations sont parties.", "1 personne n'a ni mail ni téléphone.")
    assert lap.invited(town, f"eleve21-{key}@example.org").startswith("/i/")
    assert "/i/" in town.sms_to(f"+3363998{scene.cohort % 100:02}77")
    manager.follow("Personnes")
    manager.write("Nom, mail, téléphone ou numéro", "eleve 22")
    manager.press("Chercher")
    manager.follow("Élève 22")
    manager.sees(scene.code, "du lundi 8 mars au jeudi 10 juin")


def test_a_learner_changes_cohort_and_the_history_follows(town, arrive, scene):
    # given work that was validated in one cohort, and another cohort with its own trainer
    submission = scenes.work_to_answer(town, scene)
    with town.records():
        cohort = db.session.get(scenes.Cohort, scene.cohort)
        programme = db.session.get(factories.Programme, cohort.programme_id)
        goal = factories.make_cohort(cohort.school, programme, code=f"{scene.code}-B")
        new_trainer = scenes.known(factories.make_trainer(goal))
        goal_id, goal_code = goal.id, goal.code
    first, manager, second, learner = arrive(town), arrive(town), arrive(town), arrive(town, **PHONE)
    scenes.sign_in(first, scene.trainer)
    first.open(f"/submissions/{submission}/answer")
    first.choose("Oui", of="La page marche sur téléphone.")
    first.choose("Oui", of="Les plats viennent de la liste.")
    first.choose("1. Imiter", of="Réaliser une page")
    first.choose("Pas cette fois", of="Rendre une page dynamique")
    first.write("Mon commentaire", "La page est claire.")
    first.choose("Validé", of="Décision")
    first.press("Envoyer mon retour")

    # when the school moves the learner
    scenes.sign_in_as_manager(town, manager, scene.manager)
    manager.open(f"/cohorts/{scene.cohort}")
    manager.follow(f"Changer de promo : {scene.learner.name}")
    manager.select("Nouvelle promo", f"{goal_code}, {manager.page.locator('.brand small').inner_text()}")
    manager.write("À partir du", "2027-03-08")
    manager.press("Changer de promo")
    manager.sees(f"{scene.learner.name} change de promo. Son historique suit.")

    # then both cohorts say so, and the proof is open to the learner and to the new trainer
    with town.records():
        places = db.session.query(Enrolment).filter_by(person_id=scene.learner.id).order_by(Enrolment.id).all()
        assert [(place.cohort_id, str(place.left_on or place.ends_on)) for place in places][0] == (
            scene.cohort,
            "2027-03-07",
        )
        assert (places[1].cohort_id, places[1].follows_id) == (goal_id, places[0].id)
    scenes.sign_in(learner, scene.learner)
    learner.follow("Compétences")
    learner.unfold("1 preuve : Réaliser une page")
    learner.follow("La page, version 1 : Réaliser une page")
    learner.sees("Voici mon travail.")
    scenes.sign_in(second, new_trainer)
    second.open(f"/people/{scene.learner.id}")
    second.sees(scene.code, goal_code)
    second.follow("Son dossier : travail et compétences")
    second.follow("Voir les preuves de chaque niveau")
    second.unfold("1 preuve : Réaliser une page")
    second.follow("La page, version 1 : Réaliser une page")
    second.sees("Voici mon travail.")
    second.follow("Lire le retour")
    second.sees("La page est claire.")
    second.back()
    second.follow("Le projet tel qu'il a été lu ce jour-là")
    second.sees("Le café change son menu.")


def test_the_network_opens_a_school_and_invites_whoever_runs_it(town, arrive, scene):
    with town.records():
        network, colleague = (scenes.known(factories.make_network_manager()) for _ in range(2))
    boss, second, manager, other = arrive(town), arrive(town), arrive(town), arrive(town)
    code = "Q" + "ABCDEFGHIJ"[network.id % 10] + "ABCDEFGHIJ"[network.id // 10 % 10] + "X"
    mail = f"direction-{code.lower()}@example.org"
    scenes.sign_in_as_manager(town, boss, network)
    boss.follow("Ouvrir une école")
    boss.write("Code", code)
    boss.write("Nom", "Le Havre")
    boss.select("Région", "Normandie")
    boss.write("SIRET", "123 456 789 00012")
    boss.press("Ouvrir l'école")
    boss.sees("Ce numéro n'est pas un SIRET. Vérifiez ses 14 chiffres.")
    assert boss.value("Nom") == "Le Havre"
    boss.write("SIRET", "732 829 320 00074")
    boss.press("Ouvrir l'école")
    boss.sees("L'école Le Havre est ouverte. Invitez maintenant sa direction.")
    scenes.sign_in_as_manager(town, second, colleague)
    lap.propose_a_manager(boss, second, "Responsable", "31", mail)

    lap.come_in(manager, lap.invited(town, mail))
    scenes.set_up_second_code(town, manager)
    manager.is_at("L'école du Havre")
    manager.sees("Ouvrez votre première promo", "73282932000074")
    with town.records():
        school = db.session.query(School).filter_by(code=code).one()
        person = db.session.query(Person).filter_by(mail=mail).one()
        grants = db.session.query(RoleGrant).filter_by(person_id=person.id).all()
        assert [(grant.role, grant.school_id) for grant in grants] == [("school_manager", school.id)]
        assert db.session.get(Account, person.id).password_hash
        school_id = school.id

    manager.open(f"/cohorts/{scene.cohort}")
    manager.is_at("Cette page n'existe pas")
    scenes.sign_in_as_manager(town, other, scene.manager)
    other.open(f"/schools/{school_id}")
    other.is_at("Cette page n'existe pas")
