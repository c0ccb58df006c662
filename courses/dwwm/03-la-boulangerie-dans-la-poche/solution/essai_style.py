"""La page suit sa maquette, tient dans la poche, et pèse peu."""

import re

import pytest

MAQUETTE = {360: {"marge": 16, "produit": 156, "rangee": 2}, 1200: {"marge": 120, "produit": 228, "rangee": 4}}


@pytest.fixture
def boulangerie(page, solution):
    page.goto((solution / "index.html").as_uri())
    return page


@pytest.mark.parametrize("taille", ["100%", "200%"])
def test_la_page_ne_glisse_pas_de_cote(boulangerie, taille):
    boulangerie.set_viewport_size({"width": 320, "height": 600})
    boulangerie.evaluate("taille => { document.documentElement.style.fontSize = taille }", taille)

    assert boulangerie.evaluate("document.scrollingElement.scrollWidth") <= 320


@pytest.mark.parametrize("largeur", MAQUETTE)
def test_la_page_suit_la_maquette_a_huit_pixels_pres(boulangerie, depart, largeur):
    boulangerie.set_viewport_size({"width": largeur, "height": 900})
    boites = [une.bounding_box() for une in boulangerie.locator(".produits li").all()]
    voulu = MAQUETTE[largeur]
    dessin = (depart / f"maquette-{largeur}.svg").read_text()
    cartes = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"[^>]*stroke', dessin)

    assert abs(boites[0]["x"] - voulu["marge"]) <= 8
    assert len({boite["y"] for boite in boites}) == len(boites) / voulu["rangee"]
    for boite, (x, y, w) in zip(boites, cartes, strict=True):
        assert abs(boite["width"] - voulu["produit"]) <= 8
        assert max(abs(boite["x"] - float(x)), abs(boite["y"] - float(y)), abs(boite["width"] - float(w))) <= 8


def test_les_contrastes_suffisent(boulangerie, axe):
    assert axe(boulangerie) == []


def test_le_focus_se_voit_a_chaque_arret(boulangerie):
    for _arret in range(boulangerie.locator("a").count()):
        boulangerie.keyboard.press("Tab")
        trait = boulangerie.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert trait >= 3


def test_les_images_gardent_leur_place_et_attendent(boulangerie):
    for image in boulangerie.locator("img").all():
        assert [image.get_attribute(nom) for nom in ("width", "height", "loading")] == ["480", "320", "lazy"]
        assert image.get_attribute("alt")


def test_le_poids_est_celui_des_mesures(solution, depart):
    def pese(dossier):
        fichiers = [dossier / "index.html", dossier / "style.css", *(dossier / "images").iterdir()]
        return sum(un.stat().st_size for un in fichiers)

    avant, apres = (int(nombre) for nombre in re.findall(r"(\d+) Ko", (solution / "mesures.md").read_text()))
    assert abs(pese(depart) / 1000 - avant) < 3
    assert abs(pese(solution) / 1000 - apres) < 3
    assert pese(solution) <= 300_000


def test_la_feuille_a_trous_est_celle_de_la_solution(page, solution, depart):
    """Les valeurs de la maquette, mises dans les trous, donnent la même page."""
    valeurs = iter(["#25182c", "#fffdf9", "#8a4b08", "1", "flex", "flex", "1.5", "1.25", "grid", "1", "4"])
    remplie = re.sub("____", lambda _trou: next(valeurs), (depart / "a-trous.css").read_text())
    assert next(valeurs, None) is None
    prises = []
    for feuille in (remplie, (solution / "style.css").read_text()):
        (solution / "style.css").write_text(feuille)
        page.goto((solution / "index.html").as_uri())
        prises.append([une.bounding_box() for une in page.locator(".produits li, h1, h2, nav a").all()])

    assert prises[0] == prises[1]


@pytest.mark.parametrize(
    ("texte", "dit"),
    [("#767676", "4,5. C'est assez"), ("#777777", "4,4. Ce n'est pas assez"), ("#000000", "21. C'est assez")],
)
def test_l_outil_mesure_le_contraste(page, depart, texte, dit):
    page.goto((depart / "contraste.html").as_uri())
    page.get_by_label("Couleur du fond").fill("#ffffff")
    page.get_by_label("Couleur du texte").fill(texte)

    assert dit in page.get_by_role("status").inner_text()


def test_l_outil_allege_une_image(page, depart):
    page.goto((depart / "alleger.html").as_uri())
    page.get_by_label("Image").set_input_files(str(depart / "images" / "baguette.jpg"))
    page.get_by_role("button", name="Alléger").click()
    page.get_by_role("link", name="Enregistrer baguette.jpg").wait_for()

    bilan = page.get_by_role("status").inner_text()
    avant, apres = (int(nombre) for nombre in re.findall(r"(\d+) Ko", bilan))
    assert "480 sur 320 pixels" in bilan and apres < avant / 5
