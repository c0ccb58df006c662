"""Les essais du serveur. Pour les lancer : python -m pytest"""

import pytest
from serveur import creer

JUSTE = {"nom": "Table du fond", "produit": "seigle", "quantite": "2", "heure": "12 h"}


@pytest.fixture
def client():
    return creer().test_client()


def test_une_commande_juste_mene_au_recu(client):
    reponse = client.post("/commandes", data=JUSTE)

    assert reponse.status_code == 303
    assert reponse.headers["Location"] == "/commandes/1"
    assert "Pain de seigle, quantité 2, à 12 h" in client.get("/commandes/1").text


@pytest.mark.parametrize("quantite", ["0", "21", "-1", "1.5", "deux", "", "²", "9" * 5000])
def test_une_quantite_fausse_est_refusee_et_rien_n_est_perdu(client, quantite):
    reponse = client.post("/commandes", data=JUSTE | {"quantite": quantite})

    assert reponse.status_code == 400
    assert "de 1 à 20" in reponse.text
    assert 'value="Table du fond"' in reponse.text
    assert "Aucune commande" in client.get("/jour").text


@pytest.mark.parametrize("quantite", ["1", "20"])
def test_les_deux_limites_sont_acceptees(client, quantite):
    assert client.post("/commandes", data=JUSTE | {"quantite": quantite}).status_code == 303


def test_un_produit_invente_est_refuse(client):
    assert client.post("/commandes", data=JUSTE | {"produit": "or"}).status_code == 400


def test_une_balise_tapee_reste_du_texte(client):
    reponse = client.post("/commandes", data=JUSTE | {"nom": "<b>gras</b>", "quantite": "0"})

    assert "<b>gras</b>" not in reponse.text
    assert "&lt;b&gt;gras" in reponse.text


def test_recharger_le_recu_ne_commande_pas_deux_fois(client):
    client.post("/commandes", data=JUSTE)
    client.get("/commandes/1")
    client.get("/commandes/1")

    assert "<td>2</td>" in client.get("/jour").text
    assert client.get("/commandes/2").status_code == 404


def test_une_page_absente_le_dit_avec_un_chemin_de_retour(client):
    reponse = client.get("/nulle-part")

    assert reponse.status_code == 404
    assert "Cette page n&#39;existe pas" in reponse.text
    assert 'href="/"' in reponse.text


def test_le_recu_ne_montre_pas_le_nom(client):
    client.post("/commandes", data=JUSTE)

    assert "Table du fond" not in client.get("/commandes/1").text
