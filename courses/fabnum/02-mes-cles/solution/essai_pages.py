"""Les pages d'exercice, suivies comme une personne les suit."""

import pytest


@pytest.fixture
def serrure(page, depart):
    page.goto((depart / "phrase.html").as_uri())
    return page


@pytest.mark.parametrize(
    ("cle", "attendu"),
    [
        ("Soleil1!", "moins d'une seconde"),
        ("azerty", "moins d'une seconde"),
        ("chat", "moins d'une seconde"),
        ("lampe velours canard tiroir", " ans"),
        ("lampe velours canard tiroir citron", " ans"),
    ],
)
def test_une_phrase_resiste_mieux_qu_un_mot(serrure, cle, attendu):
    serrure.get_by_label("Une clé inventée").fill(cle)
    serrure.get_by_role("button", name="Compter les essais").click()

    assert attendu in serrure.locator("#verdict").inner_text()


def test_un_code_de_secours_sert_une_fois(serrure):
    serrure.get_by_role("button", name="Activer le second code").click()
    code = serrure.locator("#codes").inner_text().split(" · ")[0]

    serrure.get_by_label("Le code du téléphone").fill(code)
    serrure.get_by_role("button", name="Entrer").click()
    assert "La porte s'ouvre" in serrure.locator("#entree").inner_text()

    serrure.get_by_label("Le code du téléphone").fill(code)
    serrure.get_by_role("button", name="Entrer").click()
    assert "ne va pas" in serrure.locator("#entree").inner_text()


@pytest.mark.parametrize(("numero", "attendu"), [("4172", "C'est changé"), ("4127", "Relisez-le")])
def test_on_retrouve_son_compte_avec_le_numero_du_mail(serrure, numero, attendu):
    serrure.get_by_role("button", name="Mot de passe oublié").click()
    serrure.get_by_label("Le numéro du mail").fill(numero)
    serrure.get_by_label("Votre nouvelle phrase").fill("lampe velours canard tiroir citron")
    serrure.get_by_role("button", name="Changer").click()

    assert attendu in serrure.locator("#change").inner_text()


def test_un_mail_part_avec_son_fichier(page, depart):
    page.goto((depart / "boite.html").as_uri())
    page.get_by_role("button", name="Votre première lettre").click()
    assert "Joignez le fichier" in page.locator("#texte").inner_text()

    page.get_by_role("button", name="Répondre").click()
    page.get_by_label("Votre message").fill("Bonjour, voici ma lettre.")
    page.get_by_label("Joindre un fichier").set_input_files(depart / "lettre.txt")
    page.get_by_role("button", name="Envoyer").click()

    assert "à atelier@example.org, avec lettre.txt" in page.locator("#liste-envoyes").inner_text()


def test_les_deux_pages_sont_ouvertes_a_tout_le_monde(page, depart, axe):
    for nom in ("phrase.html", "boite.html"):
        page.goto((depart / nom).as_uri())
        assert axe(page) == []
