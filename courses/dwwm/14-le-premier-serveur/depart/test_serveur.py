"""Les essais du serveur. Pour les lancer : python -m pytest"""

import pytest
from serveur import creer


@pytest.fixture
def client():
    return creer().test_client()


def test_accueil_montre_les_produits(client):
    reponse = client.get("/")

    assert reponse.status_code == 200
    assert "Pain de seigle" in reponse.text
