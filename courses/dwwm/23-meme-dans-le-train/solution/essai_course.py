"""Avec et sans script, réseau coupé au pire moment : les mêmes lignes, ni perdues ni doublées."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from course import creer_app, lire
from playwright.sync_api import expect
from reseau import Reseau
from werkzeug.serving import make_server

ENVOI = "essai-numero-0000001"
GARDE = "Pas de réseau. Votre inscription est gardée"


@pytest.fixture
def base(tmp_path):
    return tmp_path / "course.db"


def lignes(base):
    with closing(sqlite3.connect(base)) as connexion:
        return connexion.execute("SELECT dossard, distance FROM inscription ORDER BY id").fetchall()


@pytest.fixture
def app(base):
    return creer_app(base, attente=0.2)


@pytest.fixture
def site(app):
    """L'application sur un vrai port ; `app.wsgi_app` se remplace pour abîmer le réseau."""
    serveur = make_server("127.0.0.1", 0, app, threaded=True)
    fil = threading.Thread(target=serveur.serve_forever, daemon=True)
    fil.start()
    yield f"http://127.0.0.1:{serveur.server_port}"
    serveur.shutdown()
    fil.join()
    serveur.server_close()


def remplir(page, dossard="42", distance="10 kilomètres"):
    page.get_by_label("Votre numéro de dossard").fill(dossard)
    page.get_by_label(distance, exact=True).check()


def envoyer(page):
    page.get_by_role("button", name="Je viens").click()


def test_sans_script_et_avec_script_les_lignes_sont_les_memes(page, site, base):
    sans = page.context.browser.new_context(java_script_enabled=False).new_page()
    sans.goto(site)
    remplir(sans, "7")
    envoyer(sans)
    expect(sans.get_by_role("heading", name="C'est noté")).to_be_visible()
    page.goto(site)
    remplir(page, "8")
    envoyer(page)
    expect(page.get_by_role("status")).to_have_text("C'est noté. À mardi !")
    assert lignes(base) == [(7, 10), (8, 10)]
    sans.context.close()


def test_la_reponse_se_perd_rien_n_est_double(page, site, base, app):
    app.wsgi_app = Reseau(app.wsgi_app, perdre="reponse", fois=2)
    page.goto(site)
    remplir(page)
    envoyer(page)
    expect(page.get_by_role("status")).to_contain_text("C'est noté")
    assert lignes(base) == [(42, 10)]


def test_la_demande_se_perd_rien_n_est_perdu(page, site, base, app):
    reseau = app.wsgi_app = Reseau(app.wsgi_app, perdre="demande")
    page.goto(site)
    remplir(page)
    envoyer(page)
    expect(page.get_by_role("status")).to_contain_text(GARDE)
    assert lignes(base) == []
    reseau.fois = 0
    expect(page.get_by_role("status")).to_contain_text("C'est noté")
    assert lignes(base) == [(42, 10)]


def test_la_page_fermee_dans_le_tunnel_repart_a_la_reouverture(page, site, base, app):
    reseau = app.wsgi_app = Reseau(app.wsgi_app, perdre="demande")
    page.goto(site)
    remplir(page)
    envoyer(page)
    expect(page.get_by_role("status")).to_contain_text(GARDE)
    page.goto("about:blank")
    reseau.fois = 0
    page.goto(site)
    expect(page.get_by_role("status")).to_contain_text("C'est noté")
    assert lignes(base) == [(42, 10)]


def test_le_brouillon_revient_et_s_efface(page, site):
    page.goto(site)
    remplir(page, "123")
    page.reload()
    expect(page.get_by_label("Votre numéro de dossard")).to_have_value("123")
    page.get_by_role("button", name="Effacer ce qui est gardé").click()
    assert page.evaluate("localStorage.length") == 0
    expect(page.locator("#etat")).to_be_focused()
    page.reload()
    expect(page.get_by_label("Votre numéro de dossard")).to_have_value("")


def test_les_erreurs_sont_dites_et_le_clavier_y_va(page, site, base):
    page.goto(site)
    remplir(page, "mille")
    envoyer(page)
    expect(page.locator("#erreur-dossard")).to_have_text("Écrivez un numéro de dossard, de 1 à 999.")
    expect(page.get_by_label("Votre numéro de dossard")).to_be_focused()
    expect(page.get_by_label("Votre numéro de dossard")).to_have_attribute("aria-invalid", "true")
    assert lignes(base) == []


def test_deux_inscriptions_de_suite_sont_deux_envois(page, site, base):
    page.goto(site)
    for dossard in ("1", "2"):
        remplir(page, dossard)
        envoyer(page)
        expect(page.get_by_role("status")).to_contain_text("C'est noté")
        expect(page.get_by_label("Votre numéro de dossard")).to_have_value("")
    assert lignes(base) == [(1, 10), (2, 10)]


def test_un_telephone_qui_ne_garde_rien_inscrit_quand_meme(page, site, base):
    page.add_init_script("Storage.prototype.setItem = () => { throw new Error('plein'); };")
    page.goto(site)
    remplir(page)
    envoyer(page)
    expect(page.get_by_role("status")).to_contain_text("C'est noté")
    assert lignes(base) == [(42, 10)]


def test_la_page_est_ouverte_a_tout_le_monde(page, site, axe):
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(site)
    remplir(page, "")
    assert axe(page) == []
    envoyer(page)
    expect(page.locator("#erreur-dossard")).not_to_be_empty()
    assert axe(page) == []
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320


@pytest.mark.parametrize(
    ("saisie", "champ"),
    [
        ({"dossard": "0", "distance": "5"}, "dossard"),
        ({"dossard": "1000", "distance": "5"}, "dossard"),
        ({"dossard": "٣", "distance": "5"}, "dossard"),
        ({"dossard": "<b>", "distance": "5"}, "dossard"),
        ({"dossard": "5", "distance": "6"}, "distance"),
        ({"dossard": "5"}, "distance"),
    ],
)
def test_la_page_et_le_json_disent_les_memes_erreurs(app, base, saisie, champ):
    saisie |= {"envoi": ENVOI}
    phrase = lire(saisie)[1][champ]
    client = app.test_client()
    html = client.post("/", data=saisie)
    json = client.post("/", data=saisie, headers={"Accept": "application/json"})
    assert html.status_code == json.status_code == 400
    assert phrase in html.text
    assert json.json == {"erreurs": {champ: phrase}}
    assert "<b>" not in html.text
    assert f'value="{ENVOI}"' in html.text
    assert lignes(base) == []


@pytest.mark.parametrize("accepte", ["text/html", "application/json"])
def test_le_meme_envoi_dix_fois_fait_une_ligne(app, base, accepte):
    client = app.test_client()
    saisie = {"dossard": "5", "distance": "5", "envoi": ENVOI}
    reponses = [client.post("/", data=saisie, headers={"Accept": accepte}) for _ in range(10)]
    assert len({reponse.status_code for reponse in reponses}) == 1
    assert lignes(base) == [(5, 5)]


def test_un_autre_envoi_du_meme_dossard_est_refuse(app, base):
    client = app.test_client()
    saisie = {"dossard": "5", "distance": "5", "envoi": ENVOI}
    client.post("/", data=saisie)
    refus = client.post("/", data=saisie | {"envoi": ENVOI + "x"}, headers={"Accept": "application/json"})
    assert refus.json == {"erreurs": {"dossard": "Ce dossard est déjà inscrit à cette sortie."}}
    assert lignes(base) == [(5, 5)]


def test_le_script_pese_moins_de_quinze_kilo_octets():
    assert Path(__file__).with_name("static").joinpath("inscription.js").stat().st_size <= 15_000


def test_le_depart_perd_vraiment_le_compte(depart, tmp_path):
    """Le problème du départ existe : la réponse perdue, puis un second clic, font deux lignes."""
    import importlib.util

    fiche = importlib.util.spec_from_file_location("course_depart", depart / "course.py")
    module = importlib.util.module_from_spec(fiche)
    fiche.loader.exec_module(module)
    base = tmp_path / "depart.db"
    client = module.creer_app(base).test_client()
    for _ in range(2):
        client.post("/", data={"dossard": "42", "distance": "10"})
    assert lignes(base) == [(42, 10), (42, 10)]


def test_le_brouillon_a_trous_marche_une_fois_rempli(page, site, depart):
    debut, suite = (depart / "simple/brouillon.js").read_text(encoding="utf-8").split("à la place des ____.", 1)
    for mot in ("setItem", "getItem", "value", "removeItem"):
        suite = suite.replace("____", mot, 1)
    page.route("**/inscription.js", lambda demande: demande.fulfill(body=debut + suite, content_type="text/javascript"))
    page.goto(site)
    champ, bouton = page.get_by_label("Votre numéro de dossard"), page.get_by_role("button", name="Effacer ce que")
    champ.fill("123")
    page.reload()
    expect(champ).to_have_value("123")
    bouton.click()
    page.reload()
    expect(champ).to_have_value("")
