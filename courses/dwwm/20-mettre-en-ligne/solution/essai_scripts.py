"""Rejoue la mise en ligne dans un dossier vide, sans machine ni droits : les scripts sont les vrais."""

import http.client
import json
import os
import re
import shlex
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from restaurer import restaurer
from sauvegarder import A_GARDER, compter, sauvegarder

from tests.processes import free_port

ICI = Path(__file__).parent
MATIN = datetime(2027, 3, 8, 3, 0)


@pytest.fixture
def machine(tmp_path):
    origine = tmp_path / "application"
    origine.mkdir()
    (origine / "reserve.py").write_text("# un\n", encoding="utf-8")
    return tmp_path


def lancer(machine, *mots, verifier="true"):
    reglages = {"RACINE": str(machine / "srv"), "ORIGINE": str(machine / "application")}
    reglages |= {"RELANCER": "true", "VERIFIER": verifier, "PATH": os.environ["PATH"]}
    commande = ["sh", str(ICI / "deployer.sh"), *mots]
    return subprocess.run(commande, env=reglages, cwd=machine, capture_output=True, text=True, check=False)


def en_ligne(machine):
    return os.readlink(machine / "srv" / "courante")


def test_deux_fois_la_meme_commande_donne_le_meme_etat(machine):
    assert lancer(machine, "un").returncode == 0
    seconde = lancer(machine, "un")
    assert seconde.returncode == 0
    assert "déjà en ligne" in seconde.stdout
    assert en_ligne(machine) == "versions/un"
    assert [dossier.name for dossier in (machine / "srv/versions").iterdir()] == ["un"]


def test_le_retour_tient_en_une_commande(machine):
    lancer(machine, "un")
    lancer(machine, "deux")
    assert lancer(machine, "--retour").returncode == 0
    assert en_ligne(machine) == "versions/un"
    assert lancer(machine, "--retour").returncode == 0
    assert en_ligne(machine) == "versions/deux"


def test_sans_version_d_avant_le_retour_le_dit(machine):
    lancer(machine, "un")
    refus = lancer(machine, "--retour")
    assert refus.returncode == 1
    assert "pas de version d'avant" in refus.stderr


def test_une_version_qui_ne_repond_pas_laisse_le_site_comme_avant(machine):
    lancer(machine, "un")
    assert lancer(machine, "deux", verifier="false").returncode == 1
    assert en_ligne(machine) == "versions/un"


@pytest.mark.parametrize("nom", ["../../etc", "a b", ".cache", "x;ls"])
def test_un_nom_de_version_ne_sort_pas_du_dossier(machine, nom):
    assert lancer(machine, nom).returncode == 2
    assert not (machine / "srv").exists()


@pytest.fixture
def base(tmp_path):
    chemin = tmp_path / "reserve.db"
    schema = (ICI.parent / "depart/application/schema.sql").read_text(encoding="utf-8")
    with closing(sqlite3.connect(chemin)) as connexion:
        connexion.executescript(schema)
    return chemin


def test_casser_puis_restaurer_rend_les_memes_comptes(base, tmp_path):
    avant = compter(base)
    copie = sauvegarder(base, tmp_path / "sauvegardes", MATIN)
    with closing(sqlite3.connect(base)) as connexion, connexion:
        connexion.execute("DELETE FROM objet")
    assert compter(base)["objet"] == 0
    assert restaurer(copie, base) == avant == compter(base)
    assert compter(base.with_suffix(".cassee"))["objet"] == 0


def test_une_base_perdue_revient(base, tmp_path):
    avant = compter(base)
    copie = sauvegarder(base, tmp_path / "sauvegardes", MATIN)
    base.unlink()
    assert restaurer(copie, base) == avant


def test_les_vieilles_copies_partent(base, tmp_path):
    for nuit in range(A_GARDER + 3):
        sauvegarder(base, tmp_path / "sauvegardes", MATIN + timedelta(days=nuit))
    gardees = sorted(copie.name for copie in (tmp_path / "sauvegardes").iterdir())
    assert len(gardees) == A_GARDER
    assert gardees[0] == "reserve-20270311-030000.db"


def test_aucun_secret_n_est_ecrit_dans_les_fichiers():
    for fichier in ICI.iterdir():
        if fichier.is_file():
            assert not re.search(r"SECRET=[A-Za-z0-9]", fichier.read_text(encoding="utf-8")), fichier.name


def test_le_service_ne_tourne_pas_en_root_et_n_ecoute_que_la_machine():
    service = (ICI / "reserve.service").read_text(encoding="utf-8")
    assert "User=reserve" in service
    assert "--bind 127.0.0.1:8000" in service
    assert "EnvironmentFile=/etc/reserve.env" in service
    assert "WantedBy=multi-user.target" in service
    # Tout le disque est en lecture seule : gunicorn a besoin d'un dossier provisoire, et la base de son dossier.
    assert "ProtectSystem=strict" in service
    assert "PrivateTmp=true" in service
    assert "ReadWritePaths=/srv/reserve/donnees" in service


def test_le_script_a_trous_marche_une_fois_rempli(machine):
    script = (ICI.parent / "depart/simple/deployer.sh").read_text(encoding="utf-8")
    debut, *suite = script.split("à la place des ____.", 1)
    corps = suite[0]
    for mot in ("mkdir", "cp", "ln", "mv", "restart"):
        corps = corps.replace("____", mot, 1)
    assert "____" not in corps
    rempli = machine / "deployer.sh"
    rempli.write_text(debut + corps, encoding="utf-8")
    reglages = {"RACINE": str(machine / "srv"), "SERVICE": "echo", "PATH": os.environ["PATH"]}
    fait = subprocess.run(["sh", rempli, "un"], env=reglages, cwd=machine, capture_output=True, text=True, check=False)
    assert fait.stdout == "restart reserve\nEn ligne : un\n", fait.stderr
    assert en_ligne(machine) == "versions/un"


def test_l_application_de_depart_passe_ses_tests(depart, tmp_path):
    commande = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir=.", "-p", "no:cacheprovider"]
    fait = subprocess.run(commande, cwd=depart / "application", capture_output=True, text=True, check=False)
    assert fait.returncode == 0, fait.stdout


@pytest.mark.parametrize(
    ("nom", "mots"), [("node", ["sante.mjs"]), ("php", ["-S", "127.0.0.1:{port}", "sante.php"])]
)
def test_la_meme_route_repond_dans_les_autres_langages(depart, langages, nom, mots):
    """La passerelle se lit ; elle se lance aussi."""
    port = free_port()
    commande = [langages[nom], *(mot.format(port=port) for mot in mots)]
    reglages = {"PORT": str(port), "PATH": os.environ["PATH"]}
    with subprocess.Popen(commande, cwd=depart / "passerelle", env=reglages, stderr=subprocess.DEVNULL) as serveur:
        try:
            assert json.loads(demander(f"http://127.0.0.1:{port}/sante")) == {"etat": "bon"}
            with pytest.raises(urllib.error.HTTPError, match="404"):
                demander(f"http://127.0.0.1:{port}/autre")
        finally:
            serveur.terminate()


def demander(adresse, essais=1200):
    """Le serveur met un instant à s'ouvrir : on redemande."""
    for reste in reversed(range(essais)):
        try:
            return urllib.request.urlopen(adresse, timeout=60).read()
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            if not reste:
                raise
            time.sleep(0.1)


def test_le_service_et_la_porte_du_site_servent_vraiment_l_application(depart, tmp_path, langages):
    """La ligne ExecStart, mot pour mot, avec le Python d'ici et un port libre."""
    ligne = re.search(r"^ExecStart=(.+)$", (ICI / "reserve.service").read_text(encoding="utf-8"), re.M)[1]
    port = free_port()
    mots = shlex.split(ligne.replace(":8000", f":{port}"))
    reglages = {"RESERVE_SECRET": "essai", "RESERVE_BASE": str(tmp_path / "reserve.db"), "PATH": os.environ["PATH"]}
    commande = [sys.executable, *mots[1:]]
    with subprocess.Popen(commande, cwd=depart / "application", env=reglages, stderr=subprocess.DEVNULL) as service:
        try:
            assert json.loads(demander(f"http://127.0.0.1:{port}/sante")) == {"etat": "bon", "objets": 4}
            verifier_la_porte(port, tmp_path, langages["caddy"])
        finally:
            service.terminate()


def verifier_la_porte(port, dossier, caddy):
    """Le Caddyfile, mot pour mot, devant l'application : seules les portes changent, pour ne gêner personne ici."""
    porte, autre = free_port(), free_port()
    reglages = f"{{\n admin off\n skip_install_trust\n http_port {autre}\n https_port {porte}\n}}\n"
    texte = (ICI / "Caddyfile").read_text(encoding="utf-8").replace(":8000", f":{port}")
    (dossier / "Caddyfile").write_text(reglages + texte, encoding="utf-8")
    commande = [caddy, "run", "--adapter", "caddyfile", "--config", str(dossier / "Caddyfile")]
    maison = {"HOME": str(dossier), "XDG_DATA_HOME": str(dossier / "donnees"), "XDG_CONFIG_HOME": str(dossier)}
    with subprocess.Popen(commande, cwd=dossier, env=os.environ | maison, stderr=subprocess.DEVNULL) as site:
        try:
            entetes, corps = demander_chiffre(porte, dossier)
        finally:
            site.terminate()
    assert json.loads(corps) == {"etat": "bon", "objets": 4}
    assert entetes["X-Content-Type-Options"] == "nosniff"
    assert entetes["Referrer-Policy"] == "same-origin"
    assert entetes["Server"] is None


def demander_chiffre(porte, dossier, nom="reserve.fabrique.test"):
    """La page, par une connexion que seule l'autorité de la salle garantit : la racine que Caddy vient de faire."""
    racine = dossier / "donnees/caddy/pki/authorities/local/root.crt"
    for _ in range(1200):
        try:
            confiance = ssl.create_default_context(cafile=racine)
            with socket.create_connection(("127.0.0.1", porte), timeout=60) as prise:
                with confiance.wrap_socket(prise, server_hostname=nom) as canal:
                    canal.sendall(f"GET /sante HTTP/1.1\r\nHost: {nom}\r\nConnection: close\r\n\r\n".encode())
                    reponse = http.client.HTTPResponse(canal)
                    reponse.begin()
                    return reponse.headers, reponse.read()
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
    raise AssertionError("Caddy ne répond pas")
