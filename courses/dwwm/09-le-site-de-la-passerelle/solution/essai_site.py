"""Le site : ses liens, son poids, sa lisibilité, ses maquettes ; la publication et le retour en arrière."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from verifier import problemes

from popschool.courses.rules import reading_ease

PAGES = ("index", "activites", "agenda", "venir", "ecrire")
GABARITS = {"accueil": "index", "liste": "agenda", "simple": "venir"}


@pytest.mark.parametrize("nom", PAGES)
def test_chaque_lien_mene_quelque_part(page, solution, nom):
    page.goto((solution / "site" / f"{nom}.html").as_uri())
    liens = page.locator("a").evaluate_all("tous => tous.map(un => un.getAttribute('href'))")
    internes = [lien for lien in liens if not re.match(r"(tel|mailto):|#", lien)]

    assert all((solution / "site" / lien).exists() for lien in internes)
    assert {f"{un}.html" for un in PAGES} <= set(internes)
    assert page.locator("[aria-current=page]").get_attribute("href") == f"{nom}.html"


@pytest.mark.parametrize("nom", PAGES)
def test_chaque_page_se_lit_bien(page, solution, nom):
    page.goto((solution / "site" / f"{nom}.html").as_uri())
    lignes = page.locator("main h1, main h2, main p").all_inner_texts()
    mesure = reading_ease("\n".join(lignes))

    assert mesure >= 80
    page.goto((solution.parent / "depart" / "lire.html").as_uri())
    page.get_by_label("Collez votre texte").fill("\n".join(lignes))
    dite = int(re.search(r"\d+", page.get_by_role("status").inner_text())[0])
    assert abs(dite - mesure) <= 2, "l'outil de la salle mesure comme les cours"


@pytest.mark.parametrize("nom", PAGES)
def test_chaque_page_pese_150_ko_au_plus_et_tient_dans_320_pixels(page, solution, nom):
    servis = []
    page.on("requestfinished", lambda demande: servis.append(demande.url))
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto((solution / "site" / f"{nom}.html").as_uri())
    page.evaluate("document.documentElement.style.fontSize = '200%'")

    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
    assert sum(os.path.getsize(adresse.removeprefix("file://")) for adresse in servis) <= 150_000


def test_chaque_image_a_une_licence(solution, depart):
    licences = dict(re.findall(r"^(\S+\.png) : (.*)$", (depart / "licences.txt").read_text(), re.MULTILINE))
    sans = {nom for nom, mots in licences.items() if "licence" not in mots}

    assert sans == {"fete.png"}
    assert {une.name for une in (solution / "site" / "images").iterdir()} <= set(licences) - sans


@pytest.mark.parametrize("largeur", [360, 1200])
@pytest.mark.parametrize("gabarit", GABARITS)
def test_le_site_suit_la_maquette(page, solution, gabarit, largeur):
    """L'en-tête, les blocs verts et les cartes sont aux places du dessin, à 8 pixels près."""
    page.set_viewport_size({"width": largeur, "height": 900})
    page.goto((solution / "maquettes" / f"{gabarit}-{largeur}.svg").as_uri())
    boites = "une => { const b = une.getBoundingClientRect(); return [b.x, b.width]; }"
    dessin = [page.locator("rect").nth(rang).evaluate(boites) for rang in range(1, page.locator("rect").count())]
    titre = page.locator("text[font-weight='800']").evaluate(boites)
    page.goto((solution / "site" / f"{GABARITS[gabarit]}.html").as_uri())
    places = ["header", ".ouvert", "main img"] if gabarit == "accueil" else ["header", ".ouvert, .cartes li"]
    vues = [un.evaluate(boites) for place in places for un in page.locator(place).all()]

    assert abs(titre[0] - page.locator("h1").evaluate(boites)[0]) <= 8
    assert len(vues) == len(dessin)
    for vue, voulue in zip(vues, dessin, strict=True):
        assert max(abs(vue[0] - voulue[0]), abs(vue[1] - voulue[1])) <= 8, (vue, voulue)


def test_les_grilles_sont_remplies(solution, depart):
    grilles = (solution / "grilles.md").read_text()
    rgaa = re.findall(r"^\| (\d+\.\d+) [^|]+\| (oui|pas concerné) \| [^|]+\|$", grilles, re.MULTILINE)

    assert [numero for numero, _etat in rgaa] == re.findall(
        r"^\| (\d+\.\d+) ", (depart / "grille-rgaa.md").read_text(), re.MULTILINE
    )
    assert len(rgaa) == 30
    assert len(re.findall(r"\| \|$", (depart / "grille-rgesn.md").read_text(), re.MULTILINE)) == 12


def publier(solution, *mots):
    env = os.environ | {"PYTHON": sys.executable}
    return subprocess.run(
        ["sh", "publier.sh", *map(str, mots)], cwd=solution, env=env, capture_output=True, text=True, check=False
    )


def test_on_publie_deux_fois_puis_on_revient(solution, tmp_path):
    salle = tmp_path / "salle"
    assert publier(solution, salle).stdout.endswith("Publié.\n")
    assert publier(solution, salle).stdout.endswith("Déjà en ligne.\n")
    assert publier(solution, salle, "retour").returncode == 1

    accueil = solution / "site" / "index.html"
    garde = accueil.read_text()
    accueil.write_text(garde.replace("La maison de votre quartier", "Votre maison"))
    assert publier(solution, salle).returncode == 0
    accueil.write_text(garde)
    assert "Votre maison" in (salle / "enligne" / "index.html").read_text()
    publier(solution, salle, "retour")
    assert (salle / "enligne" / "index.html").read_text() == garde
    publier(solution, salle, "retour")
    assert "Votre maison" in (salle / "enligne" / "index.html").read_text()


@pytest.mark.parametrize(
    ("avant", "apres", "dit"),
    [
        ("<h1>", "<h2>", "ne ferme rien"),
        ("agenda.html", "Agenda.html", "ne mène nulle part"),
        ("#contenu", "#contenus", "l'endroit n'existe pas"),
        (' alt="Une maison claire au toit vert, une porte violette."', "", "image sans texte"),
        ("</main>", "", "ne ferme rien"),
    ],
)
def test_une_page_fautive_n_est_pas_publiee(solution, tmp_path, avant, apres, dit):
    shutil.copytree(solution, tmp_path / "copie")
    accueil = tmp_path / "copie" / "site" / "index.html"
    assert avant in accueil.read_text()
    accueil.write_text(accueil.read_text().replace(avant, apres))
    refus = publier(tmp_path / "copie", tmp_path / "salle")

    assert refus.returncode != 0 and dit in refus.stdout
    assert not (tmp_path / "salle" / "enligne").exists()


def test_une_page_trop_lourde_n_est_pas_publiee(solution, tmp_path):
    shutil.copytree(solution / "site", tmp_path / "site")
    (tmp_path / "site" / "images" / "maison.png").write_bytes(b"\0" * 150_000)

    assert problemes(solution / "site") == []
    assert [un for un in problemes(tmp_path / "site") if "pèse" in un and un.startswith("index.html")]


def test_le_modele_a_trous_publie_une_fois_rempli(depart, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "salle").mkdir()
    trous = iter(["neuf", "avant"])
    modele = re.sub("____", lambda _trou: next(trous), (depart / "publier-modele.sh").read_text())
    (tmp_path / "publier.sh").write_text(modele)
    for version in ("un", "deux"):
        (tmp_path / "site" / "index.html").write_text(version)
        subprocess.run(["sh", "publier.sh", "salle"], cwd=tmp_path, check=True, capture_output=True)

    assert (tmp_path / "salle" / "enligne" / "index.html").read_text() == "deux"
    assert (tmp_path / "salle" / "avant" / "index.html").read_text() == "un"
