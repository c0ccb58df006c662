"""Accounts, sessions and failed tries. Moments go in as aware datetimes, and are kept in UTC."""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

DUREE_SESSION = timedelta(hours=8)
FENETRE, ESSAIS = timedelta(minutes=15), 5
MINIMUM, MAXIMUM = 12, 200


class TropDEssais(Exception):
    """Five wrong tries in a quarter of an hour: the sixth waits, right or wrong."""


def ecrire(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def empreinte(jeton: str) -> str:
    return hashlib.sha256(jeton.encode()).hexdigest()


def jeton_neuf() -> str:
    return secrets.token_urlsafe(32)


def jeton_de_formulaire(secret: str, jeton: str) -> str:
    """Return what a form must send back: only a page that we made for this cookie knows it."""
    return hmac.new(secret.encode(), jeton.encode(), hashlib.sha256).hexdigest()


class Comptes:
    def __init__(self, hacheur: PasswordHasher | None = None):
        self.hacheur = hacheur or PasswordHasher()
        # An unknown account costs as much time as a known one.
        self.leurre = self.hacheur.hash(jeton_neuf())

    def creer(self, base, identifiant, mot_de_passe, role, carte_id=None):
        if not MINIMUM <= len(mot_de_passe) <= MAXIMUM:
            raise ValueError(f"Un mot de passe a de {MINIMUM} à {MAXIMUM} signes. Une phrase convient.")
        with base:
            base.execute(
                "INSERT INTO compte (identifiant, hache, role, carte_id) VALUES (?, ?, ?, ?)",
                (identifiant.strip().lower(), self.hacheur.hash(mot_de_passe), role, carte_id),
            )

    def reconnaitre(self, base, identifiant, mot_de_passe, maintenant):
        """Return the account, or None when the name or the password is wrong: nothing says which. May wait."""
        identifiant = identifiant.strip().lower()[:MAXIMUM]
        depuis = ecrire(maintenant - FENETRE)
        echecs = base.execute(
            "SELECT count(*) FROM echec WHERE identifiant = ? AND a > ?", (identifiant, depuis)
        ).fetchone()[0]
        if echecs >= ESSAIS:
            raise TropDEssais
        compte = base.execute("SELECT * FROM compte WHERE identifiant = ?", (identifiant,)).fetchone()
        try:
            juste = self.hacheur.verify(compte["hache"] if compte else self.leurre, mot_de_passe[: MAXIMUM + 1])
        except (VerificationError, InvalidHashError):
            juste = False
        if compte is None or not juste:
            with base:
                base.execute("INSERT INTO echec VALUES (?, ?)", (identifiant, ecrire(maintenant)))
                base.execute("DELETE FROM echec WHERE a < ?", (ecrire(maintenant - timedelta(days=1)),))
            return None
        with base:
            base.execute("DELETE FROM echec WHERE identifiant = ?", (identifiant,))
        return compte


def ouvrir_session(base, compte_id, maintenant):
    """Return a new cookie: the one from before signing in is never kept."""
    jeton = jeton_neuf()
    with base:
        base.execute("DELETE FROM session WHERE finit_a < ?", (ecrire(maintenant),))
        base.execute(
            "INSERT INTO session VALUES (?, ?, ?)", (empreinte(jeton), compte_id, ecrire(maintenant + DUREE_SESSION))
        )
    return jeton


def compte_de(base, jeton, maintenant):
    """Return who a cookie belongs to; None when its session has ended."""
    return base.execute(
        """SELECT compte.*, carte.numero AS carte
        FROM session
        JOIN compte ON compte.id = session.compte_id
        LEFT JOIN carte ON carte.id = compte.carte_id
        WHERE session.empreinte = ? AND session.finit_a > ?""",
        (empreinte(jeton), ecrire(maintenant)),
    ).fetchone()


def fermer_session(base, jeton):
    with base:
        base.execute("DELETE FROM session WHERE empreinte = ?", (empreinte(jeton),))


def tous(base):
    return base.execute("SELECT id, identifiant, role FROM compte ORDER BY identifiant").fetchall()


def changer_role(base, compte_id, role):
    """Change a role and end that person's sessions: rights change at once. Return whether the account exists."""
    with base:
        trouve = base.execute("UPDATE compte SET role = ? WHERE id = ?", (role, compte_id)).rowcount == 1
        base.execute("DELETE FROM session WHERE compte_id = ?", (compte_id,))
    return trouve
