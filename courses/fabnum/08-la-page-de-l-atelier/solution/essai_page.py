"""La page de la machine tient ses critères."""

import re


def test_les_titres_sont_dans_l_ordre(page, solution):
    page.goto((solution / "index.html").as_uri())
    rangs = [int(nom[1]) for nom in page.eval_on_selector_all("h1,h2,h3", "tous => tous.map(un => un.tagName)")]

    assert rangs[0] == 1 and rangs.count(1) == 1
    assert all(suivant - rang <= 1 for rang, suivant in zip(rangs, rangs[1:], strict=False))


def test_chaque_image_arrive_et_a_son_texte(page, solution):
    page.goto((solution / "index.html").as_uri())

    for image in page.locator("img").all():
        assert image.evaluate("une => une.naturalWidth") > 0
        assert len(image.get_attribute("alt")) > 15


def test_le_dossier_est_leger_et_les_liens_menent_quelque_part(solution):
    texte = (solution / "index.html").read_text()

    assert sum(fichier.stat().st_size for fichier in solution.iterdir()) <= 300_000
    assert all((solution / lien).exists() for lien in re.findall(r'href="([^"#]+)"', texte))


def test_la_page_tient_dans_un_petit_telephone(page, solution):
    page.set_viewport_size({"width": 320, "height": 600})
    page.goto((solution / "index.html").as_uri())

    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
