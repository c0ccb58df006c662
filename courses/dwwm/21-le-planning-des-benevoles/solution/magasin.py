"""Tout le SQL du planning, et rien d'autre. Chaque fonction reçoit une connexion."""

import psycopg
import regles
from psycopg.rows import dict_row

TOUS = """
SELECT creneau.id, titre, debut, fin, places, count(inscription.benevole_id) AS prises
FROM creneau LEFT JOIN inscription ON inscription.creneau_id = creneau.id
WHERE debut >= %(depuis)s
GROUP BY creneau.id ORDER BY debut, creneau.id LIMIT 50
"""


def ouvrir(adresse):
    return psycopg.connect(adresse, row_factory=dict_row)


def creneaux(connexion, depuis):
    return connexion.execute(TOUS, {"depuis": depuis}).fetchall()


def inscrire(connexion, creneau_id, code, maintenant):
    """Donne une place, une seule fois. Deux demandes en même temps passent l'une après l'autre."""
    with connexion.transaction():
        # FOR UPDATE ferme cette ligne jusqu'à la fin : l'autre demande attend, puis recompte.
        creneau = connexion.execute("SELECT * FROM creneau WHERE id = %s FOR UPDATE", [creneau_id]).fetchone()
        if creneau is None:
            raise regles.Refus("Ce créneau n'existe plus.")
        personne = connexion.execute("SELECT id FROM benevole WHERE code = %s FOR UPDATE", [code]).fetchone()
        if personne is None:
            raise regles.Refus("Ce code n'est pas connu. Demandez-le à l'équipe.")
        prises = _compter(connexion, creneau_id)
        deja = connexion.execute(
            "SELECT 1 FROM inscription WHERE creneau_id = %s AND benevole_id = %s", [creneau_id, personne["id"]]
        ).fetchone()
        autres = connexion.execute(
            "SELECT debut, fin FROM creneau JOIN inscription ON creneau.id = creneau_id WHERE benevole_id = %s",
            [personne["id"]],
        ).fetchall()
        demande = [(creneau["debut"], creneau["fin"])]
        pris = [(autre["debut"], autre["fin"]) for autre in autres]
        regles.peut_s_inscrire(
            creneau["places"], prises, creneau["debut"], maintenant, deja is not None, pris + demande
        )
        connexion.execute(
            "INSERT INTO inscription (creneau_id, benevole_id) VALUES (%s, %s)", [creneau_id, personne["id"]]
        )
        return creneau["places"] - prises - 1


def retirer(connexion, creneau_id, code, maintenant):
    with connexion.transaction():
        ligne = connexion.execute(
            "SELECT debut, benevole_id FROM inscription JOIN creneau ON creneau.id = creneau_id"
            " JOIN benevole ON benevole.id = benevole_id WHERE creneau_id = %s AND code = %s FOR UPDATE",
            [creneau_id, code],
        ).fetchone()
        if ligne is None:
            raise regles.Refus("Vous n'êtes pas sur ce créneau.")
        regles.peut_se_retirer(ligne["debut"], maintenant)
        connexion.execute(
            "DELETE FROM inscription WHERE creneau_id = %s AND benevole_id = %s", [creneau_id, ligne["benevole_id"]]
        )


def oublier(connexion, code):
    """Une bénévole part : son code et ses inscriptions s'effacent ensemble."""
    with connexion.transaction():
        return connexion.execute("DELETE FROM benevole WHERE code = %s", [code]).rowcount


def _compter(connexion, creneau_id):
    return connexion.execute("SELECT count(*) AS n FROM inscription WHERE creneau_id = %s", [creneau_id]).fetchone()[
        "n"
    ]
