"""Compare une sauvegarde avec la liste : python controler.py DOSSIER LISTE"""

import csv
import sys
from pathlib import Path


def controler(dossier, liste):
    """Rend ce qui est sain, ce qui est abîmé, ce qui manque."""
    sains, abimes, manquants = [], [], []
    with Path(liste).open(encoding="utf-8") as ouvert:
        for ligne in csv.DictReader(ouvert):
            fichier = Path(dossier) / ligne["fichier"]
            if not fichier.exists():
                manquants.append(ligne["fichier"])
            elif fichier.stat().st_size != int(ligne["taille en octets"]):
                abimes.append(ligne["fichier"])
            else:
                sains.append(ligne["fichier"])
    return sains, abimes, manquants


if __name__ == "__main__":
    sains, abimes, manquants = controler(*sys.argv[1:3])
    print(f"{len(sains)} sains, {len(abimes)} abîmés, {len(manquants)} manquants : {', '.join(manquants) or 'aucun'}")
