"""Le rayon : filtrer et chercher ensemble, l'annonce, le bouton Retour, le clavier, la page sans script."""

import re

import pytest


@pytest.fixture
def ouvrir(page, solution):
    def va(adresse="", nom="index.html", dossier=solution):
        page.goto((dossier / nom).as_uri() + adresse)
        return page.locator("#rayon li")

    return va


def chercher(page, mot="", categorie="Toutes"):
    page.get_by_label("Mot cherché").fill(mot)
    page.get_by_label("Catégorie").select_option(label=categorie)
    page.get_by_role("button", name="Chercher").click()


@pytest.mark.parametrize(
    ("mot", "categorie", "combien", "dit"),
    [
        ("", "Toutes", 30, "30 objets sur 30."),
        ("", "Outils", 8, "8 objets sur 30."),
        ("etagere", "Toutes", 1, "1 objet sur 30."),
        ("ETAGÈRE ", "Meubles", 1, "1 objet sur 30."),
        ("etagere", "Outils", 0, "Aucun objet."),
        ("oeillets", "Toutes", 1, "1 objet sur 30."),
        ("œillets", "Toutes", 1, "1 objet sur 30."),
        ("<b>", "Toutes", 0, "Aucun objet."),
    ],
)
def test_le_filtre_et_la_recherche_marchent_ensemble(page, ouvrir, mot, categorie, combien, dit):
    cartes = ouvrir()
    chercher(page, mot, categorie)

    assert cartes.count() == combien
    assert page.get_by_role("status").inner_text().startswith(dit)


def test_on_revient_toujours_a_trente_objets_dans_le_meme_ordre(page, ouvrir):
    cartes = ouvrir()
    avant = cartes.all_inner_texts()
    chercher(page, "lampe")
    chercher(page, "scie")
    chercher(page)

    assert cartes.all_inner_texts() == avant


def test_le_bouton_retour_rend_le_choix_d_avant(page, ouvrir):
    cartes = ouvrir()
    chercher(page, "lampe")
    chercher(page, "", "Livres")
    assert cartes.count() == 4

    page.go_back()
    assert page.get_by_label("Mot cherché").input_value() == "lampe" and cartes.count() == 1
    page.go_back()
    assert page.get_by_label("Mot cherché").input_value() == "" and cartes.count() == 30
    page.go_forward()
    assert cartes.count() == 1


def test_l_adresse_envoyee_montre_la_meme_liste(page, ouvrir):
    assert ouvrir("?categorie=vaisselle&mot=the").count() == 1
    assert page.get_by_label("Catégorie").input_value() == "vaisselle"


def test_tout_se_fait_au_clavier(page, ouvrir):
    cartes = ouvrir()
    page.keyboard.press("Tab")
    page.keyboard.type("jeu")
    page.keyboard.press("Tab")
    page.keyboard.type("Jeux")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert cartes.count() == 1
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"


def test_sans_script_on_lit_les_trente_objets_et_rien_de_plus(page, solution):
    sans = page.context.browser.new_context(java_script_enabled=False)
    nue = sans.new_page()
    nue.goto((solution / "index.html").as_uri())

    assert nue.locator("#rayon li").count() == 30
    assert not nue.get_by_role("button", name="Chercher", include_hidden=True).is_visible()
    sans.close()


def test_la_page_est_ouverte_a_tout_le_monde_meme_vide(page, ouvrir, axe):
    ouvrir("?mot=introuvable")

    assert axe(page) == []


def test_les_six_morceaux_disent_ce_qui_est_predit(page, depart):
    dits = []
    page.on("console", lambda message: dits.append(message.text))
    page.goto((depart / "predire.html").as_uri())

    assert [re.sub(r"[\[\] ]", "", un) for un in dits] == [
        "4,8",
        "24,8,60,16",
        "0",
        "12€,30€,8€",
        "12,30,4,8",
        "4,8,12,30",
        "12,4,30,8",
    ]


def test_la_version_simple_filtre_puis_cherche(page, ouvrir, depart):
    (depart / "index.html").write_text((depart / "index.html").read_text().replace("page.js", "simple.js"))
    cartes = ouvrir(dossier=depart)
    chercher(page, "lampe", "Outils")
    assert cartes.count() == 8

    ordre = "simplifier(objet.nom).includes(simplifier(choix.mot))"
    simple = (depart / "simple.js").read_text()
    assert all(morceau in simple for morceau in (".includes(", "simplifier(objet.nom)", "simplifier(choix.mot))"))
    (depart / "simple.js").write_text(simple.replace("const bonMot = true", f"const bonMot = {ordre}"))
    ouvrir(dossier=depart)
    chercher(page, "etau", "Outils")
    assert cartes.count() == 1
