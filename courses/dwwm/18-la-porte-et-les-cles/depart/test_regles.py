"""The rules of lending, without Flask and without a base."""

from datetime import date

import pytest
from reserve.regles import CARTE_FINIE, DEJA_DEHORS, RETARD, TROP, Dehors, cellule_sure, cle, refus, retour_prevu

JOUR = date(2026, 11, 25)  # a Wednesday
LOIN = date(2027, 1, 1)


def dehors(nombre, prevu=LOIN):
    return [Dehors(numero, prevu) for numero in range(nombre)]


@pytest.mark.parametrize(
    ("est_dehors", "finit_le", "objets", "attendu"),
    [
        (False, LOIN, [], []),
        (True, LOIN, [], [DEJA_DEHORS]),
        (False, JOUR, [], []),
        (False, date(2026, 11, 24), [], [CARTE_FINIE]),
        (False, LOIN, dehors(2), []),
        (False, LOIN, dehors(3), [TROP]),
        (False, LOIN, dehors(1, JOUR), []),
        (False, LOIN, dehors(1, date(2026, 11, 24)), [RETARD]),
        (True, date(2020, 1, 1), dehors(3, date(2020, 1, 1)), [DEJA_DEHORS, CARTE_FINIE, TROP, RETARD]),
    ],
)
def test_chaque_regle_des_deux_cotes_de_sa_limite(est_dehors, finit_le, objets, attendu):
    assert refus(est_dehors, finit_le, objets, JOUR) == attendu


@pytest.mark.parametrize(
    ("sorti_le", "gros", "attendu"),
    [
        (date(2026, 11, 25), False, date(2026, 12, 2)),
        (date(2026, 11, 25), True, date(2026, 11, 28)),
        (date(2026, 11, 26), True, date(2026, 12, 1)),  # Sunday 29: Tuesday
        (date(2026, 11, 27), True, date(2026, 12, 1)),  # Monday 30: Tuesday
        (date(2026, 12, 28), False, date(2027, 1, 5)),  # Monday 4: over the year
    ],
)
def test_le_retour_evite_les_jours_fermes(sorti_le, gros, attendu):
    assert retour_prevu(sorti_le, gros) == attendu


@pytest.mark.parametrize(("texte", "attendu"), [("Scie à Bûches", "scie a buches"), ("  ÉTAU ", "etau"), ("", "")])
def test_on_cherche_sans_accent_ni_majuscule(texte, attendu):
    assert cle(texte) == attendu


@pytest.mark.parametrize("ruse", ["=1+1", "+33", "-1", "@somme", "\t=1"])
def test_un_tableur_n_execute_rien(ruse):
    assert cellule_sure(ruse) == "'" + ruse
    assert cellule_sure("Étau") == "Étau"
