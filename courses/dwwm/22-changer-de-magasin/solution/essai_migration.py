"""Une seule suite pour les deux magasins, puis la reprise : comptée, relancée, avec les droits et les mesures."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import creer_bases
import magasin_postgresql
import migrer
import mongomock
import psycopg
import pytest
import regles
from fiches_documents import FichesDocuments
from fiches_tinydb import FicheRefusee, FichesTiny
from magasin_postgresql import MagasinPostgresql
from magasin_sqlite import MagasinSqlite

ICI = Path(__file__).parent
JOUR = date(2027, 3, 8)


def executer(adresse, nom):
    with psycopg.connect(adresse, autocommit=True) as base:
        base.execute((ICI / nom).read_text(encoding="utf-8"))


@pytest.fixture
def ancien(tmp_path):
    creer_bases.creer(tmp_path)
    return tmp_path


@pytest.fixture
def nouvelle(postgresql):
    executer(postgresql, "schema.sql")
    return postgresql


def reprendre(ancien, adresse):
    with closing(sqlite3.connect(ancien / "reserve.db")) as source, psycopg.connect(adresse, autocommit=True) as cible:
        return migrer.porter(source, cible)


PORTEES = {}


def remplir(ancien, adresse):
    """Une base déjà reprise. La reprise se fait une fois, puis se copie : la refaire à chaque essai serait long."""
    if not PORTEES:
        reprendre(ancien, adresse)
    with psycopg.connect(adresse, autocommit=True) as base:
        for table in ("objet", "pret"):
            if table not in PORTEES:
                with base.cursor().copy(f"COPY {table} TO STDOUT") as copie:
                    PORTEES[table] = b"".join(copie)
                continue
            with base.cursor().copy(f"COPY {table} FROM STDIN") as copie:
                copie.write(PORTEES[table])
            base.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


def empreinte(adresse):
    """Tout ce que contient la base : de quoi dire que deux états sont le même."""
    with psycopg.connect(adresse) as base:
        return [base.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() for table in ("objet", "pret")]


@pytest.fixture(params=["sqlite", "postgresql"])
def magasin(request, ancien):
    """Le contrat : chaque essai qui le demande passe deux fois, une par magasin."""
    if request.param == "sqlite":
        ouvert = MagasinSqlite(ancien / "reserve.db")
    else:
        adresse = request.getfixturevalue("nouvelle")
        remplir(ancien, adresse)
        ouvert = MagasinPostgresql(adresse)
    yield ouvert
    ouvert.fermer()


def test_un_rayon_se_lit_page_par_page(magasin):
    premiere = magasin.objets("jardin", taille=10)
    seconde = magasin.objets("jardin", apres=premiere[-1]["id"], taille=10)
    assert len(premiere) == len(seconde) == 10
    assert premiere[0] == {"id": 1, "reference": "R0001", "nom": "Échelle 1"}
    assert premiere[-1]["id"] < seconde[0]["id"]


def test_un_objet_sort_une_fois_puis_revient(magasin):
    magasin.sortir(7, JOUR)
    with pytest.raises(regles.Refus):
        magasin.sortir(7, JOUR)
    assert magasin.rendre(7, JOUR) == 1
    assert not magasin.est_dehors(7)
    magasin.sortir(7, JOUR)


def test_l_historique_va_du_plus_recent_au_plus_ancien(magasin):
    magasin.sortir(8, JOUR)
    lignes = magasin.historique(8)
    assert lignes[0] == (JOUR, None)
    assert [sorti for sorti, _ in lignes] == sorted((sorti for sorti, _ in lignes), reverse=True)
    assert len(lignes) == 5


def test_ce_qui_etait_dehors_l_est_encore(magasin):
    assert [objet for objet in range(1, 401) if magasin.est_dehors(objet)] == [1, 138]


def test_rien_ne_se_perd_tout_se_compte(ancien, nouvelle):
    comptes, refus = reprendre(ancien, nouvelle)
    assert comptes == {"objet": (400, 397), "pret": (1600, 1584)}
    assert refus[:3] == [
        ("objet", 10, "objet sans nom"),
        ("objet", 20, "valeur illisible : offert"),
        ("objet", 30, "objet_reference_key"),
    ]
    raisons = {raison for table, _, raison in refus if table == "pret"}
    attendues = {"date illisible : bientôt", "pret_objet_id_fkey", "rendu_apres_sorti", "un_seul_pret_ouvert"}
    assert raisons == attendues


def test_ce_qui_se_lit_est_remis_au_propre(ancien, nouvelle):
    remplir(ancien, nouvelle)
    with psycopg.connect(nouvelle) as base:
        assert base.execute("SELECT nom FROM objet WHERE id = 5").fetchone() == ("Machine à coudre",)
        assert base.execute("SELECT valeur FROM objet WHERE id = 15").fetchone() == (1250,)
        assert base.execute("SELECT rayon FROM objet WHERE id = 25").fetchone() == ("jardin",)
        assert base.execute("SELECT sorti_le FROM pret WHERE id = 101").fetchone() == (date(2024, 2, 2),)


def test_relancer_donne_le_meme_etat(ancien, nouvelle):
    premiers = reprendre(ancien, nouvelle)
    avant = empreinte(nouvelle)
    assert reprendre(ancien, nouvelle) == premiers
    assert empreinte(nouvelle) == avant


def test_les_numeros_continuent_apres_la_reprise(ancien, nouvelle):
    reprendre(ancien, nouvelle)
    with psycopg.connect(nouvelle) as base:
        neuf = base.execute(
            "INSERT INTO objet (reference, nom, rayon) VALUES ('R9999', 'Truelle', 'bricolage') RETURNING id"
        ).fetchone()
    assert neuf == (401,)


def test_deux_programmes_ne_sortent_pas_le_meme_objet(nouvelle, ancien, monkeypatch):
    """Le second a posé sa question trop tôt : c'est la base qui le retient, et le refus se dit pareil."""
    remplir(ancien, nouvelle)
    un, deux = MagasinPostgresql(nouvelle), MagasinPostgresql(nouvelle)
    un.sortir(7, JOUR)
    monkeypatch.setattr(deux, "est_dehors", lambda objet: False)
    with pytest.raises(regles.Refus, match="déjà dehors"):
        deux.sortir(7, JOUR)
    un.fermer()
    deux.fermer()


def test_le_compte_de_l_application_ne_peut_rien_detruire(nouvelle):
    with psycopg.connect(nouvelle, autocommit=True) as base:
        base.execute("DROP ROLE IF EXISTS reserve_app")
        base.execute("CREATE ROLE reserve_app")
    try:
        executer(nouvelle, "droits.sql")
        with psycopg.connect(nouvelle, autocommit=True) as base:
            base.execute("SET ROLE reserve_app")
            assert base.execute("SELECT count(*) FROM objet").fetchone() == (0,)
            for interdit in ("DROP TABLE pret", "DELETE FROM objet", "TRUNCATE pret", "CREATE TABLE a_moi (id int)"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    base.execute(interdit)
    finally:
        with psycopg.connect(nouvelle, autocommit=True) as base:
            base.execute("DROP OWNED BY reserve_app")
            base.execute("DROP ROLE reserve_app")


def cout(adresse):
    with psycopg.connect(adresse, autocommit=True) as base:
        base.execute("ANALYZE pret")
        plan = base.execute("EXPLAIN (FORMAT JSON) " + magasin_postgresql.HISTORIQUE, [7]).fetchone()[0][0]["Plan"]
    return plan["Total Cost"], str(plan)


def test_l_index_change_le_plan_et_le_cout(ancien, nouvelle):
    remplir(ancien, nouvelle)
    avant, plan_avant = cout(nouvelle)
    executer(nouvelle, "index.sql")
    apres, plan_apres = cout(nouvelle)
    assert "Seq Scan" in plan_avant
    assert "pret_par_objet" in plan_apres
    assert apres < avant / 2


@pytest.fixture(params=["tinydb", "serveur"])
def fiches(request, tmp_path):
    if request.param == "tinydb":
        return FichesTiny(tmp_path / "neuf.json")
    return FichesDocuments(mongomock.MongoClient().reserve.fiches)


def test_les_fiches_passent_d_un_magasin_a_l_autre(fiches, ancien):
    comptes, refus = migrer.porter_fiches(ancien / "fiches.json", fiches)
    assert comptes == {"fiche": (12, 10)}
    assert [numero for _, numero, _ in refus] == [5, 8]
    assert migrer.porter_fiches(ancien / "fiches.json", fiches) == (comptes, refus)
    assert fiches.a_entretenir(date(2024, 4, 8)) == ["R0001", "R0002", "R0003"]
    assert fiches.trouver("R0003")["moteur"] == {"watts": 300, "poussiere": True}


def test_une_fiche_change_et_se_retrouve(fiches, ancien):
    migrer.porter_fiches(ancien / "fiches.json", fiches)
    fiches.entretenir("R0001", date(2030, 1, 1))
    assert fiches.trouver("R0001")["entretien"] == {"prochain": "2030-01-01", "gestes": ["nettoyer"]}


FAUSSES = [{}, {"reference": "R1", "nom": "x"}, {"reference": "R1", "nom": "x", "entretien": {"prochain": "demain"}}]


@pytest.mark.parametrize("fiche", FAUSSES)
def test_une_fiche_mal_faite_est_refusee_partout(fiches, fiche):
    with pytest.raises(FicheRefusee):
        fiches.ajouter(fiche)


def test_une_reference_ne_sert_qu_une_fois(fiches):
    fiche = {"reference": "R1", "nom": "Scie", "entretien": {"prochain": "2027-01-01"}}
    fiches.ajouter(fiche)
    with pytest.raises(FicheRefusee):
        fiches.ajouter(fiche)


def test_la_version_a_trous_porte_et_compte_une_fois_remplie(ancien, nouvelle, depart):
    debut, suite = (depart / "simple/porter.py").read_text(encoding="utf-8").split("à la place des ____.", 1)
    for mot in ("execute", "execute", "append"):
        suite = suite.replace("____", mot, 1)
    assert "____" not in suite
    rempli = {"__name__": "porter"}
    exec(debut + suite, rempli)
    with closing(sqlite3.connect(ancien / "reserve.db")) as source, psycopg.connect(nouvelle, autocommit=True) as cible:
        lues, ecrites, refus = rempli["porter"](source, cible)
    assert (lues, ecrites) == (400, 394)
    assert [numero for numero, _ in refus] == [5, 10, 15, 20, 25, 30]
