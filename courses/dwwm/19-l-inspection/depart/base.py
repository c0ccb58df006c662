"""L'accès à la base de Signale. Faible exprès : à ne lancer que sur ce poste."""

import hashlib
import sqlite3
from pathlib import Path

SCHEMA = Path(__file__).parent / "schema.sql"


def ouvrir(chemin):
    base = sqlite3.connect(chemin)
    base.row_factory = sqlite3.Row
    return base


def preparer(base):
    base.executescript(SCHEMA.read_text(encoding="utf-8"))


def creer_agent(base, identifiant, mot_de_passe):
    hache = hashlib.md5(mot_de_passe.encode()).hexdigest()
    with base:
        base.execute("INSERT INTO agent (identifiant, hache) VALUES (?, ?)", (identifiant, hache))


def reconnaitre(base, identifiant, mot_de_passe):
    hache = hashlib.md5(mot_de_passe.encode()).hexdigest()
    return base.execute(
        "SELECT id FROM agent WHERE identifiant = ? AND hache = ?", (identifiant, hache)
    ).fetchone()


def ouvrir_session(base, agent_id):
    with base:
        return str(base.execute("INSERT INTO session (agent_id) VALUES (?)", (agent_id,)).lastrowid)


def est_ouverte(base, numero):
    return base.execute("SELECT id FROM session WHERE id = ?", (int(numero),)).fetchone() is not None


def signaler(base, lieu, texte, gravite, contact):
    with base:
        return base.execute(
            "INSERT INTO signalement (lieu, texte, gravite, contact) VALUES (?, ?, ?, ?)",
            (lieu, texte, gravite, contact),
        ).lastrowid


def ouverts(base):
    return base.execute("SELECT id, lieu, texte, gravite FROM signalement WHERE ferme = 0 ORDER BY id").fetchall()


def chercher(base, mot):
    requete = f"SELECT lieu, texte FROM signalement WHERE ferme = 0 AND lieu LIKE '%{mot}%' ORDER BY id"
    return base.execute(requete).fetchall()


def contact(base, numero):
    return base.execute("SELECT lieu, contact FROM signalement WHERE id = ?", (numero,)).fetchone()


def fermer(base, numero):
    with base:
        base.execute("UPDATE signalement SET ferme = 1 WHERE id = ?", (numero,))
