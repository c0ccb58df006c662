"""Relit le cadrage avant la signature : dit ce qui manque, ligne par ligne. Rien ne manque : il le dit aussi.

python3 relire.py [dossier]
"""

import csv
import sys
from pathlib import Path

REGISTRE = {"donnee": "la donnée", "raison": "sa raison", "qui_la_lit": "qui la lit", "fin": "sa fin"}
ECRANS = {
    "recit": "le récit",
    "ecran": "l'écran plein",
    "vide": "l'état vide",
    "erreur": "l'état d'erreur",
    "succes": "l'état de succès",
}
DESSINS = ("ecran", "vide", "erreur", "succes")
ESSAIS_AU_MOINS = 3
SANS_RAISON = ("au cas où", "on verra", "peut-être", "utile")


def lignes(chemin):
    with chemin.open(encoding="utf-8", newline="") as fichier:
        return list(csv.DictReader(fichier))


def manques(chemin, attendus):
    """Une phrase par case vide. Un fichier sans ligne est un manque, lui aussi."""
    lues = lignes(chemin)
    if not lues:
        yield f"{chemin.name} : aucune ligne"
    for numero, ligne in enumerate(lues, 2):
        for colonne, nom in attendus.items():
            if not (ligne.get(colonne) or "").strip():
                yield f"{chemin.name}, ligne {numero} : il manque {nom}"


def relire(dossier):
    dossier = Path(dossier)
    registre, ecrans = dossier / "registre.csv", dossier / "ecrans.csv"
    trouves = [*manques(registre, REGISTRE), *manques(ecrans, ECRANS)]
    for numero, ligne in enumerate(lignes(registre), 2):
        if any(mot in (ligne["raison"] or "").lower() for mot in SANS_RAISON):
            trouves.append(f"registre.csv, ligne {numero} : « {ligne['raison']} » n'est pas une raison")
    for numero, ligne in enumerate(lignes(ecrans), 2):
        for nom in (ligne[colonne].strip() for colonne in DESSINS if ligne[colonne]):
            if nom and not (dossier / "ecrans" / nom).is_file():
                trouves.append(f"ecrans.csv, ligne {numero} : le dessin « {nom} » n'est pas dans ecrans/")
    essais = sum(int(ligne["essais"] or 0) for ligne in lignes(ecrans))
    if essais < ESSAIS_AU_MOINS:
        trouves.append(f"ecrans.csv : {essais} essais avec de vraies personnes, il en faut {ESSAIS_AU_MOINS}")
    if not any((ligne["change"] or "").strip() for ligne in lignes(ecrans)):
        trouves.append("ecrans.csv : aucun changement après les essais. Vraiment aucun ?")
    return trouves


if __name__ == "__main__":
    reste = relire(sys.argv[1] if len(sys.argv) > 1 else ".")
    print("\n".join(reste) or "Rien ne manque. Relisez quand même à voix haute.")
    sys.exit(1 if reste else 0)
