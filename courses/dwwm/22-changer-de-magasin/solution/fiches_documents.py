"""Les fiches sur un serveur de documents (PyMongo). Mêmes noms que FichesTiny, même contrôle de forme."""

from fiches_tinydb import FicheRefusee, verifier
from pymongo.errors import DuplicateKeyError

SANS_NUMERO = {"_id": 0}


class FichesDocuments:
    def __init__(self, collection):
        self.fiches = collection
        self.fiches.create_index("reference", unique=True)

    def ajouter(self, fiche):
        verifier(fiche)
        try:
            self.fiches.insert_one(dict(fiche))
        except DuplicateKeyError as erreur:
            raise FicheRefusee("Cette référence est déjà prise.") from erreur

    def trouver(self, reference):
        return self.fiches.find_one({"reference": reference}, SANS_NUMERO)

    def a_entretenir(self, jour):
        trouvees = self.fiches.find({"entretien.prochain": {"$lte": jour.isoformat()}}, SANS_NUMERO)
        return sorted(fiche["reference"] for fiche in trouvees)

    def entretenir(self, reference, prochain):
        self.fiches.update_one({"reference": reference}, {"$set": {"entretien.prochain": prochain.isoformat()}})
