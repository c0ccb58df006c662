"""Les tableurs de l'association, la ligne entière, les pannes et le journal, sur un vrai PostgreSQL."""

import json
import logging
import threading
from datetime import UTC, datetime
from pathlib import Path

import importer
import psycopg
import pytest
from atelier import creer_app

FEVRIER = datetime(2027, 2, 28, 9, 0, tzinfo=UTC)


@pytest.fixture
def base(postgresql):
    with psycopg.connect(postgresql, autocommit=True) as connexion:
        connexion.execute(Path(__file__).with_name("schema.sql").read_text(encoding="utf-8"))
    return postgresql


@pytest.fixture
def pleine(base, depart):
    with psycopg.connect(base, autocommit=True) as connexion:
        importer.importer(connexion, depart / "creneaux.csv", importer.poser_creneau)
        importer.importer(connexion, depart / "pieces.csv", importer.poser_piece)
    return base


def demander(base, requete):
    with psycopg.connect(base) as connexion:
        return connexion.execute(requete).fetchall()


def test_les_creneaux_se_comptent_et_les_refus_s_expliquent(base, depart):
    with psycopg.connect(base, autocommit=True) as connexion:
        lues, posees, refus = importer.importer(connexion, depart / "creneaux.csv", importer.poser_creneau)
    assert (lues, posees) == (9, 6)
    assert refus == [
        (9, "plus de places que prévu pour la carte 78"),
        (10, "jour illisible : 9 mars"),
        (11, "carte illisible : soixante-six"),
    ]
    occupees = "SELECT carte FROM place WHERE carte IS NOT NULL ORDER BY carte"
    assert demander(base, occupees) == [(33,), (45,), (87,), (112,), (201,)]


def test_les_pieces_gardent_le_dernier_comptage(pleine):
    assert demander(pleine, "SELECT nom, taille, quantite FROM piece ORDER BY nom") == [
        ("Chambre à air", "28", 9),
        ("Patin de frein", "", 0),
    ]


def test_importer_deux_fois_ne_change_rien(pleine, depart):
    tout = "SELECT debut, numero, carte FROM place JOIN creneau ON id = creneau_id ORDER BY 1, 2"
    avant = demander(pleine, tout)
    with psycopg.connect(pleine, autocommit=True) as connexion:
        importer.importer(connexion, depart / "creneaux.csv", importer.poser_creneau)
    assert demander(pleine, tout) == avant


def test_aucun_telephone_n_entre_dans_la_base(pleine, depart):
    assert b"06 39 98" in (depart / "creneaux.csv").read_bytes()
    colonnes = demander(pleine, "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'")
    assert not {"telephone", "nom_personne", "mail"} & {nom for (nom,) in colonnes}
    contenu = str(
        demander(pleine, "SELECT creneau::text FROM creneau") + demander(pleine, "SELECT place::text FROM place")
    )
    assert "39 98" not in contenu


@pytest.fixture
def app(pleine):
    return creer_app(pleine, "pour-les-tests", lambda: FEVRIER)


@pytest.fixture
def client(app):
    return app.test_client()


def venir(client, carte, numero=1):
    client.get("/")
    with client.session_transaction() as session:
        jeton = session["jeton"]
    return client.post(f"/creneaux/{numero}", data={"carte": carte, "jeton": jeton})


def test_une_place_se_prend_et_se_voit(client):
    assert "Places libres : 2." in client.get("/").text
    assert venir(client, "500").status_code == 303
    assert "Places libres : 1." in client.get("/").text


@pytest.mark.parametrize(
    ("carte", "statut", "mots"),
    [("112", 409, "déjà une place"), ("abc", 400, "en chiffres"), ("99999", 400, "en chiffres")],
)
def test_un_refus_dit_pourquoi_et_garde_ce_qui_est_tape(client, carte, statut, mots):
    refus = venir(client, carte)
    assert refus.status_code == statut
    assert mots in refus.text
    assert f'value="{carte}"' in refus.text


def test_la_derniere_place_n_est_donnee_qu_une_fois(pleine):
    """Il reste une place : quatre demandes partent ensemble."""
    depart, donnees = threading.Barrier(4), []
    demander_un = "UPDATE place SET carte = 999 WHERE creneau_id = 1 AND numero = 4"
    with psycopg.connect(pleine) as connexion:
        connexion.execute(demander_un)

    def demande(carte):
        with psycopg.connect(pleine, autocommit=True) as connexion:
            depart.wait()
            donnees.append(importer.donner(connexion, 1, carte))

    fils = [threading.Thread(target=demande, args=[carte]) for carte in range(600, 604)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    assert sorted(donnees, key=str) == [(3,), None, None, None]


def test_sans_jeton_rien_n_est_ecrit(client, pleine):
    assert client.post("/creneaux/1", data={"carte": "700"}).status_code == 400
    assert demander(pleine, "SELECT count(*) FROM place WHERE carte = 700") == [(0,)]


def test_le_journal_dit_ce_qui_se_passe_mais_pas_qui(client, caplog):
    with caplog.at_level(logging.INFO, logger="atelier"):
        venir(client, "4321")
        client.get("/inconnue?carte=4321")
    lignes = [json.loads(trace.message) for trace in caplog.records if trace.name == "atelier"]
    routes = [(ligne["methode"], ligne["route"], ligne["statut"]) for ligne in lignes]
    assert routes == [("GET", "/", 200), ("POST", "/creneaux/<int:numero>", 303), ("GET", "(inconnue)", 404)]
    assert "4321" not in "".join(trace.message for trace in caplog.records)
    assert "127.0.0.1" not in "".join(trace.message for trace in caplog.records)


def test_une_panne_donne_un_numero_que_l_on_retrouve(pleine, caplog):
    casse = creer_app("postgresql://127.0.0.1:1/rien?connect_timeout=1", "secret", lambda: FEVRIER).test_client()
    with caplog.at_level(logging.INFO, logger="atelier"):
        page = casse.get("/")
    assert page.status_code == 500
    assert "psycopg" not in page.text
    panne = next(json.loads(trace.message) for trace in caplog.records if '"panne"' in trace.message)
    assert panne["erreur"] == "OperationalError"
    assert panne["numero"] in page.text


def test_la_page_tient_la_porte_de_qualite(client, page, axe):
    reponse = client.get("/")
    assert len(reponse.data) <= 100_000
    assert "default-src 'self'" in reponse.headers["Content-Security-Policy"]
    page.set_viewport_size({"width": 320, "height": 640})
    for html in (reponse.text, venir(client, "abc").text, client.get("/inconnue").text):
        page.set_content(html)
        assert axe(page) == []
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 320


def test_vide_la_page_le_dit(base):
    texte = creer_app(base, "secret", lambda: FEVRIER).test_client().get("/").text
    assert "Pas de créneau cette semaine" in texte
    assert "Personne n'a encore compté" in texte
