"""Les deux pages du comptoir : les horaires sont un tableau, les liens mènent quelque part."""


def test_les_horaires_sont_un_tableau_avec_des_en_tetes(page, solution):
    page.goto((solution / "index.html").as_uri())

    assert page.locator("table caption").count() == 1
    assert page.locator("thead th[scope=col]").count() == 2
    assert page.locator("tbody th[scope=row]").count() == page.locator("tbody tr").count() == 5


def test_on_va_d_une_page_a_l_autre_et_on_revient(page, solution):
    page.goto((solution / "index.html").as_uri())
    page.get_by_role("link", name="Comment venir").click()
    assert page.url.endswith("venir.html")

    page.get_by_role("link").first.click()
    assert page.url.endswith("index.html")
