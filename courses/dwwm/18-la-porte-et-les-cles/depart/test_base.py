"""The base itself refuses what the rules refuse."""

import sqlite3
from datetime import date

import pytest
from reserve import base as acces

JOUR, PREVU = date(2026, 11, 25), date(2026, 12, 2)


@pytest.fixture
def chemin(tmp_path):
    chemin = tmp_path / "reserve.db"
    base = acces.ouvrir(chemin)
    acces.preparer(base)
    with base:
        base.execute("INSERT INTO objet (etiquette, nom, cle, gros) VALUES ('P-01', 'Perceuse', 'perceuse', 0)")
        base.execute("INSERT INTO carte (numero, finit_le) VALUES (12, '2030-12-31'), (7, '2030-12-31')")
    base.close()
    return chemin


def test_deux_comptoirs_ne_sortent_pas_le_meme_objet(chemin):
    gauche, droite = acces.ouvrir(chemin), acces.ouvrir(chemin)
    assert acces.objet(gauche, 1)["emprunt_id"] is None
    assert acces.objet(droite, 1)["emprunt_id"] is None

    acces.sortir(gauche, 1, 1, JOUR, PREVU)
    with pytest.raises(acces.DejaDehors):
        acces.sortir(droite, 1, 2, JOUR, PREVU)

    assert droite.execute("SELECT count(*) FROM emprunt").fetchone()[0] == 1


def test_un_objet_rendu_peut_ressortir(chemin):
    base = acces.ouvrir(chemin)
    acces.sortir(base, 1, 1, JOUR, PREVU)
    assert acces.rendre(base, 1, JOUR)
    assert not acces.rendre(base, 1, JOUR)
    acces.sortir(base, 1, 2, JOUR, PREVU)


def test_l_historique_oublie_la_carte_pas_l_objet(chemin):
    base = acces.ouvrir(chemin)
    acces.sortir(base, 1, 1, JOUR, PREVU)
    acces.rendre(base, 1, JOUR)

    assert acces.oublier(base, JOUR) == 0
    assert acces.oublier(base, PREVU) == 1
    assert base.execute("SELECT objet_id, carte_id FROM emprunt").fetchone()[:] == (1, None)


def test_un_signe_de_recherche_reste_un_signe(chemin):
    base = acces.ouvrir(chemin)
    assert len(acces.chercher(base, "perc")[0]) == 1
    assert acces.chercher(base, "p%e")[0] == []
    assert acces.chercher(base, "perceus_")[0] == []


def test_un_pret_ouvert_garde_sa_carte(chemin):
    base = acces.ouvrir(chemin)
    acces.sortir(base, 1, 1, JOUR, PREVU)
    with pytest.raises(sqlite3.IntegrityError):
        base.execute("UPDATE emprunt SET carte_id = NULL")
