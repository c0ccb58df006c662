"""One test for each station: red on the weak application, green on the mended one. Station 6 is in static/essais.js."""

import json
import logging
import sqlite3
from pathlib import Path

import avis
import base as acces
import pytest

from app import creer

AGENT = {"identifiant": "agent", "mot_de_passe": "trois chats sur un toit"}
TROU = {"lieu": "Rue des Tilleuls", "texte": "Un trou", "gravite": "2", "contact": "01 99 00 20 01"}


@pytest.fixture
def chemin(tmp_path):
    chemin = tmp_path / "signale.db"
    base = acces.ouvrir(chemin)
    acces.preparer(base)
    acces.creer_agent(base, AGENT["identifiant"], AGENT["mot_de_passe"])
    base.close()
    return chemin


@pytest.fixture
def client(chemin):
    app = creer(chemin)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    client = app.test_client()
    client.post("/signalements", data=TROU)
    return client


def test_station_1_un_visiteur_ne_lit_pas_un_telephone(client):
    reponse = client.get("/signalements/1/contact")

    assert reponse.status_code == 403
    assert "01 99 00 20 01" not in reponse.text


def test_station_2_une_erreur_ne_montre_ni_code_ni_chemin(client):
    reponse = client.post("/signalements", data=TROU | {"gravite": "beaucoup"})

    assert reponse.status_code == 400
    assert "Traceback" not in reponse.text
    assert reponse.headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src 'self'" in reponse.headers["Content-Security-Policy"]


def test_station_3_aucune_bibliotheque_touchee_par_un_avis():
    ici = Path(avis.__file__).parent
    liste = json.loads((ici / "avis.json").read_text(encoding="utf-8"))

    assert avis.touches("tilleul-pdf==0.9.4\nrivage-carte==1.10.2", liste) == ["AVIS-2026-014"]
    assert avis.touches((ici / "exigences.txt").read_text(encoding="utf-8"), liste) == []


def test_station_4_les_mots_de_passe_sont_haches_lentement(chemin):
    hache = sqlite3.connect(chemin).execute("SELECT hache FROM agent").fetchone()[0]

    assert hache.startswith("$argon2id$")


def test_station_5_une_recherche_rusee_ne_sort_pas_les_agents(client):
    ruse = "zzz' UNION SELECT identifiant, hache FROM agent --"
    reponse = client.get("/chercher", query_string={"mot": ruse})

    assert "0 résultat" in reponse.text
    assert "agent :" not in reponse.text
    assert client.get("/chercher?mot=%25").text.count("<li>") == 0


def test_station_7_le_journal_dit_les_refus_et_tait_les_personnes(client, caplog):
    caplog.set_level(logging.INFO)
    client.post("/signalements", data=TROU)
    client.post("/connexion", data=AGENT | {"mot_de_passe": "essai-rate"})
    client.post("/connexion", data=AGENT)

    assert any(un.levelno >= logging.WARNING for un in caplog.records)
    assert not any(dit in caplog.text for dit in ("essai-rate", AGENT["mot_de_passe"], TROU["contact"]))


def test_station_8_un_cookie_abime_n_ouvre_rien(client):
    client.set_cookie("session", "abc")

    assert client.get("/agents/tableau").status_code == 403
    assert client.post("/signalements/1/fermer").status_code == 403


def test_la_neuvieme_un_numero_de_session_ne_se_devine_pas(chemin, client):
    client.post("/connexion", data=AGENT)
    curieux = creer(chemin).test_client()
    for numero in range(1, 20):
        curieux.set_cookie("session", str(numero))
        assert curieux.get("/agents/tableau").status_code == 403
