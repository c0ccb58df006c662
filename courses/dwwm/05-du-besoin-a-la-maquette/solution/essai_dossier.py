"""Le dossier tient ses critères : des écrans pour chaque histoire, de vrais mots, des contrastes justes."""

import re
from xml.etree import ElementTree

import pytest

SVG = "{http://www.w3.org/2000/svg}"


def ecrans(solution):
    return sorted(solution.glob("*.svg"))


def mots(fichier):
    return ["".join(un.itertext()) for un in ElementTree.parse(fichier).iter(f"{SVG}text")]


def test_chaque_histoire_indispensable_a_un_ecran(solution):
    indispensables = (solution / "histoires.md").read_text().split("## Pour plus tard")[0]
    histoires = [ligne for ligne in indispensables.splitlines() if re.match(r"\d\. ", ligne)]

    assert len(histoires) == 5
    for histoire in histoires:
        noms = re.findall(r"`([^`]+)`", histoire)
        assert noms and all((solution / f"{nom}-360.svg").exists() for nom in noms)


def test_le_parcours_passe_par_tous_les_ecrans(solution):
    parcours = (solution / "histoires.md").read_text().split("# Le parcours")[1]
    noms = {
        fichier.name.removesuffix("-360.svg") for fichier in solution.glob("0*-360.svg") if "avant" not in fichier.name
    }

    assert len(noms) == 7
    assert noms <= set(re.findall(r"`([^`]+)`", parcours))


def test_chaque_ecran_a_un_titre_une_description_et_la_bonne_largeur(solution):
    for fichier in ecrans(solution):
        racine = ElementTree.parse(fichier).getroot()
        assert racine.get("width") == fichier.stem.rpartition("-")[2]
        assert racine.findtext(f"{SVG}title") and racine.findtext(f"{SVG}desc")


def test_rien_ne_sort_de_l_ecran(page, solution):
    for fichier in ecrans(solution):
        page.goto(fichier.as_uri())
        dehors = page.evaluate(
            """() => { const cadre = document.documentElement.getBoundingClientRect();
            return [...document.querySelectorAll("text, rect")].filter((un) => {
              const boite = un.getBoundingClientRect();
              const reserve = un.tagName === 'text' ? -8 : 1;
              return boite.right > cadre.right + reserve || boite.bottom > cadre.bottom + 1;
            }).map((un) => un.textContent); }"""
        )
        assert dehors == [], fichier.name


def test_les_mots_sont_les_vrais_mots(solution):
    for fichier in ecrans(solution):
        assert not re.search(r"lorem|ipsum|xxx|texte ici", " ".join(mots(fichier)), re.IGNORECASE)


def test_le_jumeau_dit_chaque_mot_de_chaque_ecran(solution):
    jumeau = (solution / "ecrans.md").read_text()
    for fichier in solution.glob("0*-360.svg"):
        if "avant" not in fichier.name:
            assert fichier.name in jumeau
            assert [mot for mot in mots(fichier) if mot not in jumeau] == []


def test_une_cible_fait_44_pixels_de_haut(solution):
    for fichier in ecrans(solution):
        for groupe in ElementTree.parse(fichier).iter(f"{SVG}g"):
            fond = groupe.find(f"{SVG}rect")
            if fond is not None and fond.get("rx") == "8":
                assert int(fond.get("height")) >= 44


def test_l_essai_a_change_un_ecran(solution):
    avant, apres = (set(mots(solution / f"04-confirmation{quand}-360.svg")) for quand in ("-avant", ""))

    assert apres - avant == {"Annuler cette réservation"}


def contrastes(solution):
    lignes = (solution / "histoires.md").read_text().split("# Les contrastes")[1].splitlines()
    return [re.findall(r"#[0-9a-f]{6}|[\d,]+(?= \|$)", ligne) for ligne in lignes if "| #" in ligne]


def test_les_contrastes_ecrits_sont_ceux_que_l_on_mesure(page, solution, depart):
    page.goto((depart / "contraste.html").as_uri())
    for texte, fond, nombre in contrastes(solution):
        page.get_by_label("Couleur du texte").fill(texte)
        page.get_by_label("Couleur du fond").fill(fond)
        assert f"Contraste : {nombre}. C'est assez" in page.get_by_role("status").inner_text(), (texte, fond)


@pytest.mark.parametrize("nom", ["kit.svg", "ecran.svg"])
def test_le_kit_se_lit(depart, nom):
    assert ElementTree.parse(depart / nom).getroot().get("width") == "360"
