"""Les règles, sans base. Puis le magasin et les pages, sur un vrai PostgreSQL."""

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import magasin
import psycopg
import pytest
import regles
from serveur import creer_app

LUNDI = datetime(2027, 3, 8, 9, 0, tzinfo=UTC)
UNE_HEURE = timedelta(hours=1)


def entre(debut, heures=1):
    return (LUNDI + debut * UNE_HEURE, LUNDI + (debut + heures) * UNE_HEURE)


def demander(places=2, prises=0, dans=48, deja=False, autres=()):
    regles.peut_s_inscrire(places, prises, LUNDI + dans * UNE_HEURE, LUNDI, deja, list(autres))


@pytest.mark.parametrize(
    ("cas", "raison"),
    [
        ({"prises": 2}, "complet"),
        ({"dans": 0}, "commencé"),
        ({"deja": True}, "déjà sur ce créneau"),
        ({"autres": [entre(48), entre(48)]}, "à cette heure-là"),
    ],
)
def test_chaque_refus_dit_sa_raison(cas, raison):
    with pytest.raises(regles.Refus, match=raison):
        demander(**cas)


def test_la_derniere_place_se_donne():
    demander(places=2, prises=1)


def test_deux_creneaux_bout_a_bout_ne_se_croisent_pas():
    assert not regles.se_croisent([entre(0), entre(1)])
    assert regles.se_croisent([entre(0, 2), entre(1)])


def test_on_se_retire_jusqu_a_24_heures_avant():
    regles.peut_se_retirer(LUNDI + timedelta(hours=24), LUNDI)
    with pytest.raises(regles.Refus):
        regles.peut_se_retirer(LUNDI + timedelta(hours=23, minutes=59), LUNDI)


@pytest.fixture
def adresse(postgresql):
    """Une base neuve à chaque test : rien ne reste du test d'avant."""
    with magasin.ouvrir(postgresql) as connexion:
        connexion.execute(Path(__file__).with_name("schema.sql").read_text(encoding="utf-8"))
        connexion.execute("INSERT INTO benevole (code) VALUES ('romarin'), ('thym'), ('sauge')")
        connexion.execute(
            "INSERT INTO creneau (titre, debut, fin, places) VALUES ('Préparer les paniers', %s, %s, 1),"
            " ('Distribution', %s, %s, 3)",
            [*entre(48), *entre(50, 2)],
        )
    return postgresql


def prises(adresse):
    with magasin.ouvrir(adresse) as connexion:
        return [creneau["prises"] for creneau in magasin.creneaux(connexion, LUNDI)]


def test_la_derniere_place_n_est_donnee_qu_une_fois(adresse):
    """Deux vraies connexions partent ensemble. Une seule obtient la place."""
    depart, resultats = threading.Barrier(2), []

    def demande(code):
        with magasin.ouvrir(adresse) as connexion:
            depart.wait()
            try:
                magasin.inscrire(connexion, 1, code, LUNDI)
                resultats.append("place")
            except regles.Refus as refus:
                resultats.append(str(refus))

    for _ in range(10):
        resultats.clear()
        with magasin.ouvrir(adresse) as connexion:
            connexion.execute("DELETE FROM inscription")
        fils = [threading.Thread(target=demande, args=[code]) for code in ("romarin", "thym")]
        for fil in fils:
            fil.start()
        for fil in fils:
            fil.join()
        assert sorted(resultats) == ["Ce créneau est complet. Choisissez-en un autre.", "place"]
        assert prises(adresse) == [1, 0]


def test_la_base_refuse_ce_que_les_pages_refusent(adresse):
    with magasin.ouvrir(adresse) as connexion, pytest.raises(psycopg.errors.CheckViolation):
        connexion.execute("INSERT INTO creneau (titre, debut, fin, places) VALUES ('x', now(), now(), 1)")
    with magasin.ouvrir(adresse) as connexion, pytest.raises(psycopg.errors.CheckViolation):
        connexion.execute("INSERT INTO benevole (code) VALUES ('Deux Mots')")


def test_partir_efface_le_code_et_les_inscriptions(adresse):
    with magasin.ouvrir(adresse) as connexion:
        magasin.inscrire(connexion, 2, "sauge", LUNDI)
        assert magasin.oublier(connexion, "sauge") == 1
        assert connexion.execute("SELECT count(*) AS n FROM inscription").fetchone()["n"] == 0


def test_se_retirer_rend_la_place(adresse):
    with magasin.ouvrir(adresse) as connexion:
        magasin.inscrire(connexion, 1, "thym", LUNDI)
        magasin.retirer(connexion, 1, "thym", LUNDI)
        assert magasin.inscrire(connexion, 1, "romarin", LUNDI) == 0


@pytest.fixture
def client(adresse):
    return creer_app(adresse, "pour-les-tests", lambda: LUNDI).test_client()


def poster(client, code, numero=1):
    client.get("/")
    with client.session_transaction() as session:
        jeton = session["jeton"]
    return client.post(f"/creneaux/{numero}/inscription", data={"code": code, "jeton": jeton})


def test_le_contrat_json_est_tenu(client):
    premier = client.get("/api/creneaux").json[0]
    assert premier == {
        "id": 1,
        "titre": "Préparer les paniers",
        "debut": "2027-03-10T09:00:00+00:00",
        "fin": "2027-03-10T10:00:00+00:00",
        "restantes": 1,
    }


def test_s_inscrire_puis_etre_refuse_garde_ce_qui_est_tape(client, adresse):
    assert poster(client, "Romarin").status_code == 303
    refus = poster(client, "thym")
    assert refus.status_code == 409
    assert "complet" in refus.text
    assert 'value="thym"' in refus.text
    assert prises(adresse) == [1, 0]


def test_sans_jeton_rien_n_est_ecrit(client, adresse):
    assert client.post("/creneaux/1/inscription", data={"code": "thym"}).status_code == 400
    assert prises(adresse) == [0, 0]


def test_un_code_piege_s_affiche_comme_du_texte(client):
    refus = poster(client, "<script>alert(1)</script>")
    assert "<script>alert" not in refus.text
    assert "&lt;script&gt;" in refus.text


def test_le_programme_de_depart_montre_bien_la_faute(adresse, monkeypatch, depart):
    monkeypatch.syspath_prepend(str(depart))
    import derniere_place

    assert derniere_place.lancer(adresse) == 2


def test_la_page_est_ouverte_a_tout_le_monde(client, page, axe):
    """Pleine, puis refusée, puis vide : à 320 pixels, sans rien qui bloque."""
    page.set_viewport_size({"width": 320, "height": 640})
    for html in (client.get("/").text, poster(client, "inconnue").text):
        page.set_content(html)
        assert axe(page) == []
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 320


def test_sans_creneau_la_page_le_dit(adresse):
    with magasin.ouvrir(adresse) as connexion:
        connexion.execute("DELETE FROM creneau")
    vide = creer_app(adresse, "pour-les-tests", lambda: LUNDI).test_client()
    assert "Pas de créneau prévu" in vide.get("/").text


@pytest.fixture
def poste(depart, tmp_path):
    """Un dépôt qui vient de naître, avec la commande de vérification du départ et un test."""
    (tmp_path / "verifier.sh").write_bytes((depart / "verifier.sh").read_bytes())
    (tmp_path / "test_rien.py").write_text("def test_rien():\n    assert True\n", encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)

    def verifier(**reglages):
        dossier = os.path.dirname(sys.executable)
        reglages |= {"PATH": f"{dossier}:{os.environ['PATH']}", "HOME": str(tmp_path)}
        subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
        commande = ["sh", "verifier.sh"]
        return subprocess.run(commande, cwd=tmp_path, env=reglages, capture_output=True, text=True, check=False)

    return tmp_path, verifier


def test_la_commande_du_depart_est_verte_sur_un_depot_sain(poste):
    fait = poste[1](BASE_POSTGRES="postgresql://localhost/essai")
    assert fait.stdout.endswith("Tout est vert.\n"), fait.stdout + fait.stderr


def test_la_commande_du_depart_refuse_un_test_rouge_un_secret_et_l_oubli_de_la_base(poste):
    dossier, verifier = poste
    assert "Donnez l'adresse" in verifier().stderr
    (dossier / ".env").write_text("SECRET=x", encoding="utf-8")
    assert "ne vont pas dans git" in verifier(BASE_POSTGRES="x").stderr
    (dossier / "test_rien.py").write_text("def test_rien():\n    assert False\n", encoding="utf-8")
    assert verifier(BASE_POSTGRES="x").returncode == 1
