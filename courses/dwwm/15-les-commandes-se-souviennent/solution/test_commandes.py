"""Each test starts from a fresh base, in memory."""

import sqlite3

import commandes
import pytest


@pytest.fixture
def base():
    ouverte = commandes.ouvrir(":memory:")
    commandes.preparer(ouverte)
    yield ouverte
    ouverte.close()


def compter(base, table):
    return base.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_une_commande_et_ses_lignes_se_relisent(base):
    numero = commandes.enregistrer(base, "Table rouge", "2026-11-26", "8 h", {1: 2, 3: 1})

    assert [tuple(ligne) for ligne in commandes.lignes(base, numero)] == [
        ("Baguette", 2, 110, 220),
        ("Brioche", 1, 520, 520),
    ]


def test_une_coupure_au_milieu_n_ecrit_rien(base):
    with pytest.raises(sqlite3.IntegrityError):
        commandes.enregistrer(base, "Table rouge", "2026-11-26", "8 h", {1: 2, 99: 1})

    assert compter(base, "commande") == 0
    assert compter(base, "ligne") == 0


def test_le_jour_filtre_et_additionne(base):
    commandes.enregistrer(base, "Table rouge", "2026-11-26", "8 h", {1: 2})
    commandes.enregistrer(base, "Table verte", "2026-11-26", "12 h", {1: 3, 2: 1})
    commandes.enregistrer(base, "Table bleue", "2026-11-27", "8 h", {1: 9})

    total = {ligne["nom"]: ligne["quantite"] for ligne in commandes.a_preparer(base, "2026-11-26")}

    assert total == {"Baguette": 5, "Pain de seigle": 1}
    assert [une["nom"] for une in commandes.commandes_du(base, "2026-11-27")] == ["Table bleue"]


@pytest.mark.parametrize("nom", ["' OR '1'='1", "x'; DROP TABLE ligne; --", "L'atelier"])
def test_un_nom_ruse_reste_un_nom(base, nom):
    commandes.enregistrer(base, "Table rouge", "2026-11-26", "8 h", {1: 1})
    numero = commandes.enregistrer(base, nom, "2026-11-26", "8 h", {1: 1})

    assert [une["id"] for une in commandes.chercher(base, nom)] == [numero]
    assert compter(base, "ligne") == 2


def test_les_noms_s_effacent_avec_leurs_lignes(base):
    commandes.enregistrer(base, "Table rouge", "2026-11-25", "8 h", {1: 1})
    commandes.enregistrer(base, "Table verte", "2026-11-26", "8 h", {1: 1})

    assert commandes.effacer_avant(base, "2026-11-26") == 1
    assert compter(base, "ligne") == 1


def test_la_base_refuse_une_quantite_que_personne_n_a_verifiee(base):
    with pytest.raises(sqlite3.IntegrityError):
        commandes.enregistrer(base, "Table rouge", "2026-11-26", "8 h", {1: 21})


def test_les_pages_avancent_par_la_cle(base):
    for tour in range(5):
        commandes.enregistrer(base, f"Table {tour}", "2026-11-26", "8 h", {1: 1})

    premiere = commandes.page_apres(base, 0, taille=2)
    deuxieme = commandes.page_apres(base, premiere[-1]["id"], taille=2)

    assert [une["id"] for une in premiere + deuxieme] == [1, 2, 3, 4]
