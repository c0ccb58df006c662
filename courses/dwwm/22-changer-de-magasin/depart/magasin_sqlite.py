"""Le magasin d'aujourd'hui. Tout le SQL de La Réserve est ici, écrit pour SQLite."""

import sqlite3
from datetime import date

import regles


class MagasinSqlite:
    def __init__(self, chemin):
        self.connexion = sqlite3.connect(chemin)
        self.connexion.row_factory = sqlite3.Row

    def fermer(self):
        self.connexion.close()

    def objets(self, rayon, apres=0, taille=20):
        """Une page du rayon, après le dernier numéro vu."""
        requete = "SELECT id, reference, nom FROM objet WHERE rayon = ? AND id > ? ORDER BY id LIMIT ?"
        return [dict(ligne) for ligne in self.connexion.execute(requete, [rayon, apres, taille])]

    def est_dehors(self, objet):
        requete = "SELECT 1 FROM pret WHERE objet_id = ? AND coalesce(rendu_le, '') = ''"
        return self.connexion.execute(requete, [objet]).fetchone() is not None

    def sortir(self, objet, jour):
        with self.connexion:
            regles.peut_sortir(self.est_dehors(objet))
            self.connexion.execute("INSERT INTO pret (objet_id, sorti_le) VALUES (?, ?)", [objet, jour.isoformat()])

    def rendre(self, objet, jour):
        with self.connexion:
            requete = "UPDATE pret SET rendu_le = ? WHERE objet_id = ? AND coalesce(rendu_le, '') = ''"
            return self.connexion.execute(requete, [jour.isoformat(), objet]).rowcount

    def historique(self, objet):
        """Les prêts d'un objet, du plus récent au plus ancien : la requête la plus demandée."""
        requete = "SELECT sorti_le, rendu_le FROM pret WHERE objet_id = ? ORDER BY sorti_le DESC, id DESC LIMIT 20"
        return [
            (date.fromisoformat(sorti), date.fromisoformat(rendu) if rendu else None)
            for sorti, rendu in self.connexion.execute(requete, [objet])
        ]
