"""Les fiches d'aujourd'hui : un fichier JSON, un seul programme qui écrit."""

from datetime import date

from tinydb import Query, TinyDB


class FicheRefusee(Exception):
    """La fiche n'a pas la forme attendue."""


def verifier(fiche):
    """La forme d'une fiche : le serveur de documents ne la connaît pas, c'est à nous de la tenir."""
    if not fiche.get("reference") or not fiche.get("nom"):
        raise FicheRefusee("Une fiche a une référence et un nom.")
    try:
        date.fromisoformat(fiche["entretien"]["prochain"])
    except (KeyError, ValueError) as erreur:
        raise FicheRefusee("La date du prochain entretien n'est pas une date.") from erreur


class FichesTiny:
    def __init__(self, chemin):
        self.base = TinyDB(chemin)

    def ajouter(self, fiche):
        verifier(fiche)
        if self.base.contains(Query().reference == fiche["reference"]):
            raise FicheRefusee("Cette référence est déjà prise.")
        self.base.insert(fiche)

    def trouver(self, reference):
        trouvee = self.base.get(Query().reference == reference)
        return dict(trouvee) if trouvee else None

    def a_entretenir(self, jour):
        """Les références dont l'entretien tombe ce jour-là, ou avant."""
        prochain = Query().entretien.prochain
        return sorted(fiche["reference"] for fiche in self.base.search(prochain <= jour.isoformat()))

    def entretenir(self, reference, prochain):
        fiche = self.trouver(reference)
        fiche["entretien"]["prochain"] = prochain.isoformat()
        self.base.update({"entretien": fiche["entretien"]}, Query().reference == reference)
