"""La page de départ a ses fautes ; la page réparée ne les a plus, pèse peu, et n'a rien perdu."""

import re
import shutil
import subprocess
import sys

import pytest

from tests.curriculum.running import html_faults


def texte(page):
    return re.sub(r"\s+", " ", page.evaluate("document.body.textContent"))


def pese(dossier):
    fichiers = [dossier / nom for nom in ("index.html", "style.css", "page.js") if (dossier / nom).exists()]
    return sum(un.stat().st_size for un in [*fichiers, *(dossier / "images").iterdir()])


def test_la_page_de_depart_a_ses_fautes(page, depart, axe):
    assert len(html_faults((depart / "index.html").read_text())) >= 4
    page.goto((depart / "index.html").as_uri())
    trouvees = {une.partition(":")[0] for une in axe(page)}
    assert trouvees >= {"color-contrast", "html-has-lang", "meta-viewport"}
    # Ce que l'outil ne voit pas : l'image d'un bloc caché, le champ qui n'a qu'un texte gris.
    assert not trouvees & {"image-alt", "label"}

    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.scrollingElement.scrollWidth") > 320
    for _arret in range(45):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") != "bouton"


def test_la_page_de_depart_est_lourde_et_la_reparee_legere(solution, depart):
    assert 2_300_000 < pese(depart) < 2_500_000
    assert pese(solution) * 5 <= pese(depart)


def test_les_poids_du_rapport_sont_justes(solution, depart):
    avant, apres = re.search(
        r"Poids avant : (\d+) Ko\. Après : (\d+) Ko", (solution / "rapport.md").read_text()
    ).groups()

    assert int(avant) == pese(depart) // 1000
    assert int(apres) == pese(solution) // 1000


def test_aucun_contenu_n_est_perdu(page, solution, depart):
    page.goto((solution / "index.html").as_uri())
    lu = texte(page)

    assert [ligne for ligne in (depart / "contenu.txt").read_text().splitlines() if ligne not in lu] == []
    assert page.locator("nav a").count() == 40


def test_le_menu_s_atteint_en_moins_de_dix_arrets(page, solution):
    page.goto((solution / "index.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Aller au menu du jour"
    page.keyboard.press("Enter")
    arrets = 1
    while page.evaluate("document.activeElement.tagName") != "SUMMARY":
        page.keyboard.press("Tab")
        arrets += 1
        assert arrets < 10
    page.keyboard.press("Enter")
    assert not page.get_by_text("Poisson du jour").is_visible()
    page.keyboard.press("Enter")
    assert page.get_by_text("Poisson du jour").is_visible()


def test_le_focus_se_voit_et_le_zoom_est_permis(page, solution):
    page.goto((solution / "index.html").as_uri())
    for _arret in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert "user-scalable" not in (solution / "index.html").read_text()


@pytest.mark.parametrize("taille", ["100%", "200%"])
def test_rien_ne_depasse(page, solution, taille):
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto((solution / "index.html").as_uri())
    page.evaluate("taille => { document.documentElement.style.fontSize = taille }", taille)

    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320


def test_le_rapport_a_vingt_criteres_avec_leurs_preuves(solution, depart):
    lignes = [ligne for ligne in (solution / "rapport.md").read_text().splitlines() if re.match(r"\| \d+\.\d+ ", ligne)]
    grille = re.findall(r"^\| (\d+\.\d+) ", (depart / "grille.md").read_text(), re.MULTILINE)

    assert [ligne.split()[1] for ligne in lignes] == grille and len(grille) == 20
    for ligne in lignes:
        cases = [case.strip() for case in ligne.strip("|").split("|")]
        assert len(cases) == 5 and all(cases) and cases[3] == "oui"


def verifier(dossier):
    return subprocess.run(
        [sys.executable, "outils/verifier.py"], cwd=dossier, capture_output=True, text=True, check=False
    )


def test_une_commande_relance_tout(solution, depart):
    bon = verifier(solution)
    assert bon.returncode == 0 and "Rien à corriger." in bon.stdout

    shutil.copy(solution / "outils" / "verifier.py", depart / "outils")
    mauvais = verifier(depart)
    assert mauvais.returncode == 1
    assert "trop lourd" in mauvais.stdout and "image sans texte" in mauvais.stdout


def test_la_page_d_axe_marche_avec_le_petit_serveur(page, depart, solution, serveur):
    page.goto(f"{serveur}/depart/outils/axe.html")
    page.wait_for_function("document.querySelector('#bilan').textContent.startsWith('Axe')")
    assert "obstacle" in page.locator("#bilan").inner_text()

    for nom in ("axe.html", "axe.min.js"):
        shutil.copy(depart / "outils" / nom, solution / "outils")
    page.goto(f"{serveur}/solution/outils/axe.html")
    page.wait_for_function("document.querySelector('#bilan').textContent.startsWith('Axe')")
    assert page.locator("#bilan").inner_text() == "Axe ne trouve rien."


def test_les_places_marquees_sont_huit_et_seulement_dans_la_version_simple(depart):
    marques = sum((depart / "simple" / nom).read_text().count("À RÉPARER") for nom in ("index.html", "style.css"))

    assert marques == 8
    sans = [une for une in (depart / "simple" / "index.html").read_text().splitlines() if "À RÉPARER" not in une]
    page = "\n".join(sans).replace("../images/", "images/").replace("../page.js", "page.js")
    assert page == (depart / "index.html").read_text().rstrip("\n"), "la page simple est la page, avec ses marques"
