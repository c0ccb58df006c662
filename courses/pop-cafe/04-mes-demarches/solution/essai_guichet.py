"""Le faux guichet : une faute se dit et se répare, ce qui est tapé reste, un numéro arrive à la fin."""

import re

import pytest


@pytest.fixture
def guichet(page, depart):
    page.goto((depart / "guichet.html").as_uri())
    return page


def continuer(guichet):
    guichet.locator("#apres").click()


def jusqu_a_l_adresse(guichet):
    guichet.get_by_label("Une carte de bibliothèque").check()
    continuer(guichet)
    guichet.get_by_label("Un nom inventé").fill("Lampe Tiroir")
    guichet.get_by_label("Une date de naissance").fill("08/03/1990")
    continuer(guichet)


def test_le_chemin_entier_donne_un_numero(guichet, axe):
    jusqu_a_l_adresse(guichet)
    guichet.get_by_label("Une rue inventée").fill("2 rue du Canal")
    guichet.get_by_label("Un code postal").fill("59300")
    continuer(guichet)
    assert "Lampe Tiroir" in guichet.locator("#relire").inner_text()
    assert axe(guichet) == []

    guichet.get_by_label("J'ai relu").check()
    continuer(guichet)
    assert re.fullmatch(r"BIB-\d{4}", guichet.locator("#numero").inner_text())


@pytest.mark.parametrize("date", ["1990/03/08", "31/02/1990", "", "08/03/2999"])
def test_une_date_impossible_est_dite_et_se_repare(guichet, date):
    guichet.get_by_label("Une carte de bibliothèque").check()
    continuer(guichet)
    guichet.get_by_label("Un nom inventé").fill("Lampe")
    guichet.get_by_label("Une date de naissance").fill(date)
    continuer(guichet)
    assert "La date" in guichet.get_by_role("alert").inner_text()

    guichet.get_by_label("Une date de naissance").fill("08/03/1990")
    continuer(guichet)
    assert "Écran 3" in guichet.locator("#place").inner_text()


def test_revenir_ne_fait_rien_perdre(guichet):
    jusqu_a_l_adresse(guichet)
    guichet.get_by_role("button", name="Revenir").click()

    assert guichet.get_by_label("Un nom inventé").input_value() == "Lampe Tiroir"
