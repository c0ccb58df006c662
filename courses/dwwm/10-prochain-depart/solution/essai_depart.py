"""Les départs : la règle du temps, le serveur coupé, le fichier cassé, la pause, le poids."""

import datetime
import re

import pytest
from playwright.sync_api import expect

PARIS = datetime.timezone(datetime.timedelta(hours=1))
SAMEDI = datetime.datetime(2026, 11, 28, 23, 56, 30, tzinfo=PARIS)
LUNDI = datetime.datetime(2026, 11, 30, 23, 58, tzinfo=PARIS)


@pytest.fixture
def ouvrir(page, serveur):
    """Ouvre la page à une heure choisie, qui ne passe pas ; `horaires` remplace ce que le serveur donne."""

    def va(quand=SAMEDI, adresse="", horaires=None, passe=False):
        if passe:
            page.clock.install(time=quand)
        else:
            page.clock.set_fixed_time(quand)
        if horaires is not None:
            page.route("**/horaires.json", lambda route: route.fulfill(body=horaires, content_type="application/json"))
        page.goto(f"{serveur}/solution/index.html{adresse}")

    return va


def couper(page):
    page.route("**/horaires.json", lambda route: route.abort())


def test_les_essais_de_la_regle_sont_verts(page, serveur):
    page.goto(f"{serveur}/solution/essais.html")
    page.locator("#bilan").wait_for()

    assert page.locator("#bilan").inner_text() == "Essais : 11, rouges : 0", page.inner_text("body")


@pytest.mark.parametrize(
    ("quand", "dit", "attente"),
    [
        (SAMEDI, "ligne 4 vers Gare, à 0 h 10", "dans 14 minutes"),
        (LUNDI, "ligne 4 vers Gare, à 6 h 35", "dans 6 heures"),
    ],
)
def test_minuit_et_le_dimanche(page, ouvrir, quand, dit, attente):
    ouvrir(quand)
    page.get_by_text(f"Prochain départ : {dit}").wait_for()

    assert attente in page.locator("#suivants li").first.inner_text()


def test_l_arret_choisi_est_dans_l_adresse(page, ouvrir):
    ouvrir()
    page.get_by_label("Votre arrêt").select_option("Bourgvieux")
    page.get_by_role("button", name="Voir les départs").press("Enter")
    expect(page.locator("#prochain")).to_contain_text("vers Valombre")
    assert page.url.endswith("?arret=Bourgvieux")

    page.go_back()
    expect(page.locator("#prochain")).to_contain_text("vers Gare")


def test_serveur_coupe_sans_rien_de_garde(page, ouvrir):
    couper(page)
    ouvrir()
    page.get_by_text("Le serveur ne répond pas. Réessayez").wait_for()

    assert page.locator("#suivants li").count() == 0


@pytest.mark.parametrize("reponse", ["[1, 2", "[1, 2]", '{"arrets": 3}'])
def test_une_reponse_qui_n_est_pas_des_horaires(page, ouvrir, reponse):
    ouvrir(horaires=reponse)

    page.get_by_text("Le serveur ne répond pas. Réessayez").wait_for()


def test_serveur_coupe_on_garde_les_derniers_horaires_et_leur_age(page, ouvrir, serveur):
    ouvrir()
    page.get_by_text("Prochain départ :").wait_for()
    couper(page)
    page.clock.set_fixed_time(SAMEDI + datetime.timedelta(minutes=12, seconds=30))
    page.reload()
    page.get_by_text("Voici les derniers horaires reçus.").wait_for()

    assert page.locator("#age").inner_text() == "Horaires reçus il y a 12 minutes."
    assert "à 0 h 10" in page.locator("#prochain").inner_text()


def test_un_carnet_abime_ne_casse_rien_et_s_efface(page, ouvrir, serveur):
    page.goto(f"{serveur}/solution/style.css")
    page.evaluate("localStorage.setItem('petit-reseau', 'pas du json')")
    ouvrir()
    page.get_by_text("Prochain départ :").wait_for()
    assert "Écluse" in page.evaluate("localStorage.getItem('petit-reseau')")

    page.get_by_role("button", name="Effacer").click()
    assert page.evaluate("localStorage.length") == 0


def test_le_fichier_casse_garde_les_bons_departs_et_reste_du_texte(page, ouvrir, solution):
    ouvrir(horaires=(solution / "casse.json").read_text(), adresse="?arret=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E")
    page.get_by_text("Prochain départ : ligne <b>9</b> vers Valombre").wait_for()
    assert page.locator("img, main b").count() == 0
    assert page.locator("#arret option").all_inner_texts() == ["Écluse", "<img src=x onerror=alert(1)>"]

    page.get_by_label("Votre arrêt").select_option("Écluse")
    page.get_by_role("button", name="Voir les départs").click()
    assert set(re.findall(r"à (\d+ h \d+)", page.inner_text("#suivants"))) == {"21 h 55"}


def test_la_pause_arrete_tout_et_la_voix_ne_repete_pas(page, ouvrir):
    demandes = []
    page.on("request", lambda une: demandes.append(une.url) if une.url.endswith("horaires.json") else None)
    ouvrir(SAMEDI - datetime.timedelta(seconds=25), passe=True)
    page.get_by_text("dans 14 minutes").wait_for()
    page.evaluate(
        """() => { window.dits = 0; const compte = new MutationObserver(() => window.dits += 1);
        for (const un of document.querySelectorAll("[role=status]"))
          compte.observe(un, { childList: true, characterData: true, subtree: true }); }"""
    )
    page.clock.run_for(3 * 60_000)
    page.get_by_text("dans 11 minutes").wait_for()
    assert page.evaluate("window.dits") == 0 and len(demandes) == 1
    page.clock.run_for(3 * 60_000)
    page.get_by_text("dans 8 minutes").wait_for()
    assert len(demandes) == 2

    page.get_by_role("button", name="Mettre en pause").press("Space")
    page.clock.run_for(10 * 60_000)
    assert len(demandes) == 2 and "dans 8 minutes" in page.inner_text("#suivants")
    page.get_by_role("button", name="Reprendre la mise à jour").press("Space")
    page.clock.run_for(60_000)
    page.get_by_text("à 10 h 00").first.wait_for()


def test_le_script_est_leger_et_la_page_ouverte_a_tout_le_monde(page, ouvrir, solution, axe):
    assert sum((solution / nom).stat().st_size for nom in ("page.js", "donnees.js", "temps.js")) <= 10_000
    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write", (solution / "page.js").read_text())
    page.set_viewport_size({"width": 320, "height": 640})
    ouvrir()
    page.get_by_text("Prochain départ :").wait_for()

    assert axe(page) == []
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320


def test_la_version_simple_une_fois_remplie_est_verte(page, depart, serveur):
    trous = iter(["depart - maintenant", "1440"])
    (depart / "simple.js").write_text(re.sub("____", lambda _trou: next(trous), (depart / "simple.js").read_text()))
    page.goto(f"{serveur}/depart/simple.html")

    assert page.locator("#bilan").inner_text() == "Essais : 3, rouges : 0"
