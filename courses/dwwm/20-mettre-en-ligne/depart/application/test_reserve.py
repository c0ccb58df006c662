import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from reserve import creer_app


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.setenv("RESERVE_SECRET", "pour-les-tests")
    monkeypatch.setenv("RESERVE_BASE", str(tmp_path / "reserve.db"))
    return creer_app().test_client()


def test_la_page_montre_les_quatre_objets(client):
    page = client.get("/").get_data(as_text=True)
    assert page.count("<li>") == 4
    assert "Perceuse" in page


def test_la_sante_compte_les_objets(client):
    assert client.get("/sante").json == {"etat": "bon", "objets": 4}


def test_sans_secret_l_application_refuse_de_demarrer(tmp_path, monkeypatch):
    monkeypatch.delenv("RESERVE_SECRET", raising=False)
    monkeypatch.setenv("RESERVE_BASE", str(tmp_path / "reserve.db"))
    with pytest.raises(KeyError):
        creer_app()


def test_deux_demarrages_ensemble_font_une_seule_base(tmp_path):
    base = tmp_path / "reserve.db"
    with ThreadPoolExecutor(2) as deux:
        list(deux.map(preparer_un_proces, [base] * 4))
    assert [fichier.name for fichier in tmp_path.iterdir()] == ["reserve.db"]
    with sqlite3.connect(base) as connexion:
        assert connexion.execute("SELECT count(*) FROM objet").fetchone() == (4,)


def preparer_un_proces(base):
    code = f"import reserve; reserve.preparer({str(base)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent, check=True)
