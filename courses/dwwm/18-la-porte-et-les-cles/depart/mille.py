"""Écrit objets.csv : mille objets, toujours les mêmes, pour essayer une application pleine."""

import csv
from pathlib import Path

OUTILS = ["Perceuse", "Scie sauteuse", "Scie à bûches", "Ponceuse", "Échelle", "Taille-haie", "Bétonnière", "Étau",
          "Rabot", "Niveau laser", "Brouette", "Décolleuse", "Machine à coudre", "Appareil à raclette"]
GROS = {"Échelle", "Bétonnière", "Décolleuse"}
MARQUES = ["bleue", "verte", "ancienne", "compacte", "de chantier", "légère", "à manche long"]


def objets():
    for numero in range(1, 1001):
        outil = OUTILS[numero % len(OUTILS)]
        nom = f"{outil} {MARQUES[numero // len(OUTILS) % len(MARQUES)]}"
        yield {"etiquette": f"R-{numero:04}", "nom": nom, "gros": int(outil in GROS)}


if __name__ == "__main__":
    with Path("objets.csv").open("w", newline="", encoding="utf-8") as fichier:
        ecrivain = csv.DictWriter(fichier, ["etiquette", "nom", "gros"])
        ecrivain.writeheader()
        ecrivain.writerows(objets())
    print("objets.csv : 1000 objets")
