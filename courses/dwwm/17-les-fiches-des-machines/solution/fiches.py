"""Machine sheets as documents, with the same function names as fiches_sql.

One writer only: TinyDB rewrites its whole file. Two programs that write lose work (see perte.py).
"""

import json
import re
from datetime import date
from pathlib import Path

from tinydb import Query, TinyDB
from tinydb.storages import JSONStorage, MemoryStorage

FAMILLES = {"laser", "couture", "imprimante", "fraiseuse", "four", "decoupe", "presse", "scie"}
CLE = re.compile(r"[a-z]+(-[a-z0-9]+)+")


class FicheRefusee(ValueError):
    """Holds one sentence for each thing that is wrong."""

    def __init__(self, defauts):
        super().__init__("\n".join(defauts))
        self.defauts = defauts


def est_entier(valeur):
    # In Python, True is a kind of integer: not in a sheet.
    return isinstance(valeur, int) and not isinstance(valeur, bool)


def est_jour(texte):
    try:
        return isinstance(texte, str) and date.fromisoformat(texte).isoformat() == texte
    except ValueError:
        return False


def defauts(fiche):
    """Say what is wrong in the shape of a sheet; nothing when it may be kept."""
    if not isinstance(fiche, dict):
        return ["Une fiche est un objet, entre accolades."]
    dit = []
    attendus = {"cle", "nom", "famille", "reglages", "consignes", "entretiens"}
    dit += [f"Le champ « {nom} » manque." for nom in sorted(attendus - set(fiche))]
    dit += [f"Le champ « {nom} » n'existe pas." for nom in sorted(set(fiche) - attendus)]
    if dit:
        return dit
    if not (isinstance(fiche["cle"], str) and CLE.fullmatch(fiche["cle"])):
        dit.append("La clé ressemble à « laser-1 » : des minuscules, un tiret, un numéro.")
    if not (isinstance(fiche["nom"], str) and fiche["nom"].strip()):
        dit.append("Le nom est vide.")
    if fiche["famille"] not in FAMILLES if isinstance(fiche["famille"], str) else True:
        dit.append("Cette famille n'existe pas.")
    reglages = fiche["reglages"]
    if not (isinstance(reglages, dict) and reglages):
        dit.append("Il faut au moins un réglage.")
    else:
        for nom, un in reglages.items():
            if not (isinstance(un, dict) and set(un) == {"valeur", "unite"}):
                dit.append(f"Le réglage « {nom} » a une valeur et une unité.")
            elif not (est_entier(un["valeur"]) and isinstance(un["unite"], str) and un["unite"]):
                dit.append(f"Le réglage « {nom} » a une valeur entière et une unité écrite.")
    if not (isinstance(fiche["consignes"], list) and all(isinstance(un, str) for un in fiche["consignes"])):
        dit.append("Les consignes sont une liste de phrases.")
    entretiens = fiche["entretiens"]
    if not isinstance(entretiens, list) or not all(
        isinstance(un, dict) and set(un) == {"le", "geste"} and est_jour(un["le"]) for un in entretiens
    ):
        dit.append("Un entretien a un jour (2026-11-25) et un geste.")
    return dit


def ouvrir(chemin=None):
    """Open the sheets: in a file, or in memory for the tests."""
    if chemin is None:
        return TinyDB(storage=MemoryStorage)
    return TinyDB(chemin, storage=JSONStorage, encoding="utf-8", ensure_ascii=False, indent=1)


def ajouter(base, fiche):
    """Keep a sheet. Raises FicheRefusee when its shape is wrong or its key is taken."""
    dit = defauts(fiche)
    if not dit and base.contains(Query().cle == fiche["cle"]):
        dit = ["Cette clé est déjà prise."]
    if dit:
        raise FicheRefusee(dit)
    base.insert({"usages": 0} | fiche)


def lire(base, cle):
    trouve = base.get(Query().cle == cle)
    return {nom: valeur for nom, valeur in trouve.items() if nom != "usages"} if trouve else None


def au_dessus(base, unite, valeur):
    """Return the keys of the machines with a setting of this unit above this value: a search in nested fields."""

    def correspond(reglages):
        return any(un["unite"] == unite and un["valeur"] > valeur for un in reglages.values())

    return sorted(un["cle"] for un in base.search(Query().reglages.test(correspond)))


def regler(base, cle, nom, valeur):
    """Change one setting. Returns False when it does not exist. Raises FicheRefusee for a wrong value."""
    fiche = lire(base, cle)
    if fiche is None or nom not in fiche["reglages"]:
        return False
    reglages = fiche["reglages"] | {nom: fiche["reglages"][nom] | {"valeur": valeur}}
    if dit := defauts(fiche | {"reglages": reglages}):
        raise FicheRefusee(dit)
    # Changing the dictionary is not writing: update does.
    base.update({"reglages": reglages}, Query().cle == cle)
    return True


def compter_un_usage(base, cle):
    base.update(lambda fiche: fiche.update(usages=fiche["usages"] + 1), Query().cle == cle)


def usages(base, cle):
    return base.get(Query().cle == cle)["usages"]


def sans_entretien_depuis(base, jour):
    """Return the keys of the machines never cared for since a day, ISO, included."""

    def vieux(entretiens):
        return all(un["le"] < jour for un in entretiens)

    return sorted(un["cle"] for un in base.search(Query().entretiens.test(vieux)))


def importer(base, chemin):
    """Add the sheets of a file, all or none. Raises FicheRefusee, with the number of each wrong sheet."""
    fiches = json.loads(Path(chemin).read_text(encoding="utf-8"))
    dit = [f"Fiche {numero} : {un}" for numero, fiche in enumerate(fiches, 1) for un in defauts(fiche)]
    cles = [fiche["cle"] for fiche in fiches if isinstance(fiche, dict) and "cle" in fiche]
    dit += [f"La clé « {cle} » est écrite deux fois." for cle in sorted({un for un in cles if cles.count(un) > 1})]
    dit += [f"La clé « {cle} » est déjà prise." for cle in cles if base.contains(Query().cle == cle)]
    if dit:
        raise FicheRefusee(dit)
    base.insert_multiple([{"usages": 0} | fiche for fiche in fiches])
    return len(fiches)
