"""The only file that speaks to the base of Signale."""

import hashlib
import secrets
import sqlite3
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

SCHEMA = Path(__file__).parent / "schema.sql"
HACHEUR = PasswordHasher()
# An unknown name costs as much time as a known one.
LEURRE = HACHEUR.hash(secrets.token_hex())


def ouvrir(chemin):
    base = sqlite3.connect(chemin)
    base.row_factory = sqlite3.Row
    base.execute("PRAGMA foreign_keys = ON")
    return base


def preparer(base):
    base.executescript(SCHEMA.read_text(encoding="utf-8"))


def creer_agent(base, identifiant, mot_de_passe):
    with base:
        base.execute(
            "INSERT INTO agent (identifiant, hache) VALUES (?, ?)", (identifiant, HACHEUR.hash(mot_de_passe))
        )


def reconnaitre(base, identifiant, mot_de_passe):
    agent = base.execute("SELECT id, hache FROM agent WHERE identifiant = ?", (identifiant,)).fetchone()
    try:
        HACHEUR.verify(agent["hache"] if agent else LEURRE, mot_de_passe)
    except VerificationError:
        return None
    return agent


def empreinte(jeton):
    return hashlib.sha256(jeton.encode()).hexdigest()


def ouvrir_session(base, agent_id):
    """Return a cookie that nobody guesses; the base keeps its fingerprint."""
    jeton = secrets.token_urlsafe(32)
    with base:
        base.execute("INSERT INTO session VALUES (?, ?)", (empreinte(jeton), agent_id))
    return jeton


def est_ouverte(base, jeton):
    return base.execute("SELECT 1 FROM session WHERE empreinte = ?", (empreinte(jeton),)).fetchone() is not None


def signaler(base, lieu, texte, gravite, contact):
    with base:
        return base.execute(
            "INSERT INTO signalement (lieu, texte, gravite, contact) VALUES (?, ?, ?, ?)",
            (lieu, texte, gravite, contact),
        ).lastrowid


def ouverts(base):
    return base.execute("SELECT id, lieu, texte, gravite FROM signalement WHERE ferme = 0 ORDER BY id").fetchall()


def chercher(base, mot):
    motif = "%" + mot.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    return base.execute(
        r"SELECT lieu, texte FROM signalement WHERE ferme = 0 AND lieu LIKE ? ESCAPE '\' ORDER BY id", (motif,)
    ).fetchall()


def contact(base, numero):
    return base.execute("SELECT lieu, contact FROM signalement WHERE id = ?", (numero,)).fetchone()


def fermer(base, numero):
    with base:
        base.execute("UPDATE signalement SET ferme = 1 WHERE id = ?", (numero,))
