"""Calcule un devis : python devis.py. Un objet sur six est compté en plus, pour les ratés."""

import csv
import math
from pathlib import Path

RATES = 6


def devis(fichier):
    """Rend les minutes et les centimes de chaque objet, ratés compris."""
    lignes = []
    with Path(fichier).open(encoding="utf-8") as ouvert:
        for ligne in csv.DictReader(ouvert):
            nombre = int(ligne["nombre"])
            faits = nombre + math.ceil(nombre / RATES)
            minutes = faits * int(ligne["minutes par objet"])
            centimes = faits * int(ligne["prix matière par objet en centimes"])
            lignes.append((ligne["objet"], faits, minutes, centimes))
    return lignes


if __name__ == "__main__":
    for objet, faits, minutes, centimes in devis(Path(__file__).with_name("devis.csv")):
        print(f"{objet} : {faits} à faire, {minutes} minutes, {centimes / 100:.2f} €".replace(".", ","))
