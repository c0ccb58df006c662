"""Ce qui marche aujourd'hui doit marcher demain. Ces essais ne parlent pas de sécurité."""

import base as acces
import pytest
from app import creer

AGENT = {"identifiant": "agent", "mot_de_passe": "trois chats sur un toit"}
TROU = {"lieu": "Rue des Tilleuls", "texte": "Un trou", "gravite": "2", "contact": "01 99 00 20 01"}


@pytest.fixture
def client(tmp_path):
    chemin = tmp_path / "signale.db"
    base = acces.ouvrir(chemin)
    acces.preparer(base)
    acces.creer_agent(base, AGENT["identifiant"], AGENT["mot_de_passe"])
    base.close()
    return creer(chemin).test_client()


def test_un_signalement_apparait_dans_la_liste(client):
    assert client.post("/signalements", data=TROU).status_code == 303
    assert "Rue des Tilleuls : Un trou" in client.get("/").text


def test_la_recherche_trouve_une_rue(client):
    client.post("/signalements", data=TROU)
    assert "1 résultat" in client.get("/chercher?mot=Tilleuls").text
    assert "0 résultat" in client.get("/chercher?mot=Canal").text


def test_un_agent_entre_rappelle_et_ferme(client):
    client.post("/signalements", data=TROU)
    assert client.get("/agents/tableau").status_code == 403
    assert client.post("/connexion", data=AGENT).status_code == 303
    assert "01 99 00 20 01" in client.get("/signalements/1/contact").text
    assert client.post("/signalements/1/fermer").status_code == 303
    assert "Un trou" not in client.get("/").text


def test_un_mauvais_mot_de_passe_est_refuse(client):
    assert client.post("/connexion", data=AGENT | {"mot_de_passe": "non"}).status_code == 401


def test_une_rue_avec_une_apostrophe(client):
    client.post("/signalements", data=TROU | {"lieu": "Rue de l'Écluse"})
    assert "l&#39;Écluse" in client.get("/").text
