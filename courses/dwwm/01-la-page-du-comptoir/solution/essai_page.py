"""Les deux pages du comptoir tiennent les critères que l'on peut compter."""

import re

import pytest


@pytest.mark.parametrize("nom", ["index.html", "venir.html"])
def test_une_page_a_un_seul_grand_titre_et_des_titres_dans_l_ordre(page, solution, nom):
    page.goto((solution / nom).as_uri())
    rangs = [int(un[1]) for un in page.locator("h1, h2, h3").evaluate_all("tous => tous.map(un => un.tagName)")]

    assert rangs.count(1) == 1 and rangs[0] == 1
    assert all(suivant <= avant + 1 for avant, suivant in zip(rangs, rangs[1:], strict=False))


def test_les_horaires_sont_un_tableau_avec_des_en_tetes(page, solution):
    page.goto((solution / "index.html").as_uri())

    assert page.locator("table caption").count() == 1
    assert page.locator("thead th[scope=col]").count() == 2
    assert page.locator("tbody th[scope=row]").count() == page.locator("tbody tr").count() == 5


def test_l_image_se_voit_se_dit_et_pese_peu(page, solution):
    page.goto((solution / "index.html").as_uri())
    image = page.get_by_role("img", name="porte bleue")

    assert image.evaluate("une => une.naturalWidth") == 480
    assert all(une.stat().st_size < 100_000 for une in (solution / "images").iterdir())


def test_on_va_d_une_page_a_l_autre_et_on_revient(page, solution):
    page.goto((solution / "index.html").as_uri())
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/venir.html")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/index.html")


def test_les_lignes_en_desordre_sont_celles_de_la_page_en_ordre(solution, depart):
    desordre = (depart / "desordre.html").read_text().splitlines()

    assert sorted(desordre) == sorted((solution / "ordre.html").read_text().splitlines())


def relire(page, depart, *fichiers):
    """Donne des fichiers au validateur du dossier de départ ; rend son bilan et ses phrases."""
    page.goto((depart / "verifier.html").as_uri())
    page.get_by_label("Choisissez vos pages").set_input_files([str(un) for un in fichiers])
    page.wait_for_function("document.querySelector('#bilan').textContent !== ''")
    return page.locator("#bilan").inner_text(), page.locator("#fautes li").all_inner_texts()


def test_le_validateur_ne_trouve_rien_dans_la_solution(page, solution, depart):
    fichiers = [solution / nom for nom in ("index.html", "venir.html", "images/facade.png")]

    assert relire(page, depart, *fichiers) == ("3 fichier(s) relu(s). Rien à corriger.", [])


@pytest.mark.parametrize(
    ("avant", "apres", "dit"),
    [
        ("</h1>", "", "<h1> n'est pas fermé"),
        ("</table>", "</table></div>", "</div> se ferme sans être ouvert"),
        ("<h2>", "<h3>", "saute un rang"),
        (r' alt="[^"]*"', "", "pas d'attribut alt"),
        ('alt="La', 'alt="Image de la', "enlevez ces mots"),
        ("images/facade.png", "images/Facade.png", "ne mène à aucun des fichiers"),
        (' lang="fr"', "", "la langue manque"),
        ("<meta charset[^>]*>", "", "les accents ne sont pas annoncés"),
        ("<th[^>]*>([^<]*)</th>", r"<td>\1</td>", "pas d'en-tête"),
        ("<address>", "<adresse>", "<adresse> n'existe pas"),
        ("<title>[^<]*", "<title>", "pas de nom d'onglet"),
        ("<h2>Où", "<h1>Où", "il faut un seul <h1>"),
        ("<!doctype html>", "", "la première ligne"),
    ],
)
def test_le_validateur_montre_chaque_faute(page, solution, depart, tmp_path, avant, apres, dit):
    code = (solution / "index.html").read_text()
    faux = re.sub(avant, apres, code)
    assert faux != code
    (tmp_path / "index.html").write_text(faux)
    _bilan, fautes = relire(
        page, depart, tmp_path / "index.html", solution / "venir.html", solution / "images/facade.png"
    )

    assert any(dit in faute for faute in fautes), fautes


def test_le_validateur_pese_les_images(page, depart, tmp_path):
    (tmp_path / "lourde.png").write_bytes(b"\0" * 100_001)

    assert relire(page, depart, tmp_path / "lourde.png")[1] == ["lourde.png pèse 101 Ko. Le maximum est 100 Ko."]
