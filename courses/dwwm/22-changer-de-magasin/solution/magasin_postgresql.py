"""Le nouveau magasin : mêmes noms que l'ancien, autre dialecte. Rien d'autre ne change dans l'application."""

import psycopg
import regles
from psycopg.rows import dict_row


class MagasinPostgresql:
    def __init__(self, adresse):
        self.connexion = psycopg.connect(adresse, autocommit=True)

    def fermer(self):
        self.connexion.close()

    def objets(self, rayon, apres=0, taille=20):
        requete = "SELECT id, reference, nom FROM objet WHERE rayon = %s AND id > %s ORDER BY id LIMIT %s"
        with self.connexion.cursor(row_factory=dict_row) as curseur:
            return curseur.execute(requete, [rayon, apres, taille]).fetchall()

    def est_dehors(self, objet):
        requete = "SELECT 1 FROM pret WHERE objet_id = %s AND rendu_le IS NULL"
        return self.connexion.execute(requete, [objet]).fetchone() is not None

    def sortir(self, objet, jour):
        regles.peut_sortir(self.est_dehors(objet))
        try:
            self.connexion.execute("INSERT INTO pret (objet_id, sorti_le) VALUES (%s, %s)", [objet, jour])
        except psycopg.errors.UniqueViolation:
            # Une autre demande est passée entre la question et l'écriture : la base a tenu, on le dit pareil.
            regles.peut_sortir(deja_dehors=True)

    def rendre(self, objet, jour):
        requete = "UPDATE pret SET rendu_le = %s WHERE objet_id = %s AND rendu_le IS NULL"
        return self.connexion.execute(requete, [jour, objet]).rowcount

    def historique(self, objet):
        return self.connexion.execute(HISTORIQUE, [objet]).fetchall()


HISTORIQUE = "SELECT sorti_le, rendu_le FROM pret WHERE objet_id = %s ORDER BY sorti_le DESC, id DESC LIMIT 20"
