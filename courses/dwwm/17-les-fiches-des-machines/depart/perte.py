"""Deux programmes comptent les usages d'une machine. Le tour de chacun est joué lentement, pour bien voir."""

from pathlib import Path

from tinydb import TinyDB, where

fichier = Path("usages.json")
fichier.unlink(missing_ok=True)
accueil, atelier = TinyDB(fichier), TinyDB(fichier)
accueil.insert({"cle": "laser-1", "usages": 10})

# Chacun lit.
vu_accueil = accueil.get(where("cle") == "laser-1")["usages"]
vu_atelier = atelier.get(where("cle") == "laser-1")["usages"]
print("Les deux lisent :", vu_accueil, "et", vu_atelier)

# Chacun ajoute un, de son côté, puis écrit.
accueil.update({"usages": vu_accueil + 1}, where("cle") == "laser-1")
atelier.update({"usages": vu_atelier + 1}, where("cle") == "laser-1")
print("Deux usages de plus, et pourtant :", accueil.get(where("cle") == "laser-1")["usages"])
