"""Each route and each role, written by hand; then the door, tried as somebody who should not come in."""

import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from reserve import base as acces
from reserve import comptes
from reserve.droits import ROLES
from reserve.serveur import creer

PHRASE = "trois chats sur un toit bleu"
VITE = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
MAINTENANT = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


class Horloge:
    def __init__(self):
        self.moment = MAINTENANT

    def __call__(self):
        return self.moment


@pytest.fixture
def horloge():
    return Horloge()


@pytest.fixture
def app(tmp_path, horloge):
    chemin = tmp_path / "reserve.db"
    base = acces.ouvrir(chemin)
    acces.preparer(base)
    with base:
        base.execute("INSERT INTO objet (etiquette, nom, cle, gros) VALUES ('P-01', 'Perceuse', 'perceuse', 0)")
        base.execute("INSERT INTO objet (etiquette, nom, cle, gros) VALUES ('P-02', 'Rabot', 'rabot', 0)")
        base.execute("INSERT INTO carte (numero, finit_le) VALUES (12, '2030-12-31'), (7, '2030-12-31')")
        base.execute(
            "INSERT INTO emprunt (objet_id, carte_id, sorti_le, retour_prevu) VALUES (2, 2, '2026-11-20', '2026-11-27')"
        )
    porte = comptes.Comptes(VITE)
    porte.creer(base, "adherent", PHRASE, "adherent", carte_id=1)
    porte.creer(base, "benevole", PHRASE, "benevole")
    porte.creer(base, "bureau", PHRASE, "bureau")
    base.close()
    return creer(chemin, horloge, secret="s" * 32, hacheur=VITE)


def jeton(client):
    return re.search(r'name="jeton" value="(\w+)"', client.get("/connexion").text)[1]


def entrer(client, identifiant, mot_de_passe=PHRASE):
    donnees = {"jeton": jeton(client), "identifiant": identifiant, "mot_de_passe": mot_de_passe}
    return client.post("/connexion", data=donnees)


def comme(app, role):
    client = app.test_client()
    if role != "anonyme":
        assert entrer(client, role).status_code == 303
    return client


MATRICE = [  # anonyme, adherent (card 12), benevole, bureau
    ("GET", "/", {}, (200, 200, 200, 200)),
    ("GET", "/objets/1", {}, (200, 200, 200, 200)),
    ("GET", "/connexion", {}, (200, 200, 200, 200)),
    ("POST", "/connexion", {"identifiant": "x", "mot_de_passe": "x"}, (401, 401, 401, 401)),
    ("POST", "/deconnexion", {}, (401, 303, 303, 303)),
    ("POST", "/objets/1/emprunts", {"carte": "12"}, (401, 403, 303, 303)),
    ("POST", "/emprunts/1/retour", {}, (401, 403, 303, 303)),
    ("GET", "/cartes/12", {}, (401, 200, 200, 200)),
    ("GET", "/cartes/7", {}, (401, 404, 200, 200)),
    ("GET", "/cartes/99", {}, (401, 404, 404, 404)),
    ("GET", "/retards", {}, (401, 403, 200, 200)),
    ("GET", "/retards.csv", {}, (401, 403, 200, 200)),
    ("GET", "/comptes", {}, (401, 403, 403, 200)),
    ("POST", "/comptes/1/role", {"role": "benevole"}, (401, 403, 403, 303)),
]


@pytest.mark.parametrize(
    ("methode", "adresse", "donnees", "role", "attendu"),
    [
        (methode, adresse, donnees, role, statut)
        for methode, adresse, donnees, statuts in MATRICE
        for role, statut in zip(ROLES, statuts, strict=True)
    ],
)
def test_chaque_route_et_chaque_role(app, methode, adresse, donnees, role, attendu):
    client = comme(app, role)
    if methode == "POST":
        donnees = donnees | {"jeton": jeton(client)}
    reponse = client.open(adresse, method=methode, data=donnees if methode == "POST" else None)

    assert reponse.status_code == attendu


def test_aucune_route_ne_manque_dans_la_matrice(app):
    adresses = app.url_map.bind("localhost")
    vues = {adresses.match(adresse, methode)[0] for methode, adresse, _donnees, _statuts in MATRICE}

    assert vues == set(app.view_functions) - {"static"}


def test_un_envoi_sans_jeton_est_refuse_et_n_ecrit_rien(app):
    client = comme(app, "benevole")

    assert client.post("/objets/1/emprunts", data={"carte": "12"}).status_code == 400
    assert client.post("/objets/1/emprunts", data={"carte": "12", "jeton": "é" * 64}).status_code == 400
    assert jeton(comme(app, "bureau")) != jeton(client)
    autre = jeton(comme(app, "bureau"))
    assert client.post("/objets/1/emprunts", data={"carte": "12", "jeton": autre}).status_code == 400
    assert "Cet objet est là" in client.get("/objets/1").text


def test_compte_inconnu_et_mauvais_mot_de_passe_repondent_pareil(app):
    def page(identifiant):
        client = app.test_client()
        texte = entrer(client, identifiant, "un autre mot de passe").text
        return re.sub(r'value="[^"]*"', "", texte)

    assert page("bureau") == page("personne")


def test_le_sixieme_essai_attend_meme_juste(app, horloge):
    client = app.test_client()
    for _ in range(5):
        assert entrer(client, "bureau", "faux").status_code == 401
    assert entrer(client, "bureau").status_code == 429
    assert entrer(client, "BUREAU ").status_code == 429

    horloge.moment += timedelta(minutes=15)
    assert entrer(client, "bureau").status_code == 303


def test_se_deconnecter_ferme_la_session_meme_pour_un_cookie_copie(app):
    client = comme(app, "bureau")
    copie = client.get_cookie("jeton").value
    client.post("/deconnexion", data={"jeton": jeton(client)})

    voleur = app.test_client()
    voleur.set_cookie("jeton", copie)
    assert voleur.get("/comptes").status_code == 401


def test_le_cookie_change_en_entrant_et_porte_ses_drapeaux(app):
    client = app.test_client()
    client.get("/connexion")
    avant = client.get_cookie("jeton").value
    reponse = entrer(client, "bureau")
    en_tete = reponse.headers["Set-Cookie"]

    assert client.get_cookie("jeton").value != avant
    assert all(drapeau in en_tete for drapeau in ("HttpOnly", "Secure", "SameSite=Lax"))


def test_une_session_finit_apres_huit_heures(app, horloge):
    client = comme(app, "bureau")
    horloge.moment += timedelta(hours=8, seconds=1)
    assert client.get("/comptes").status_code == 401


def test_changer_un_role_prend_effet_tout_de_suite(app):
    bureau, benevole = comme(app, "bureau"), comme(app, "benevole")
    bureau.post("/comptes/2/role", data={"role": "adherent", "jeton": jeton(bureau)})
    assert benevole.get("/retards").status_code == 401


def test_aucun_mot_de_passe_dans_la_base_ni_dans_le_journal(app, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    comme(app, "bureau")
    entrer(app.test_client(), "bureau", "motdepasse-tape-de-travers")

    octets = (tmp_path / "reserve.db").read_bytes()
    assert PHRASE.encode() not in octets
    assert b"motdepasse-tape-de-travers" not in octets
    assert b"$argon2id$" in octets
    assert PHRASE not in caplog.text
    assert "motdepasse-tape-de-travers" not in caplog.text


def test_la_base_ne_contient_pas_les_cookies(app, tmp_path):
    client = comme(app, "bureau")
    assert client.get_cookie("jeton").value.encode() not in (tmp_path / "reserve.db").read_bytes()


def test_sans_secret_le_serveur_ne_demarre_pas(monkeypatch):
    monkeypatch.delenv("RESERVE_SECRET", raising=False)
    with pytest.raises(SystemExit, match="RESERVE_SECRET"):
        creer()


@pytest.mark.parametrize("phrase", ["court", "x" * 201])
def test_un_mot_de_passe_trop_court_ou_trop_long_est_refuse(tmp_path, phrase):
    base = acces.ouvrir(tmp_path / "b.db")
    acces.preparer(base)
    with pytest.raises(ValueError, match="de 12 à 200"):
        comptes.Comptes(VITE).creer(base, "x", phrase, "bureau")
