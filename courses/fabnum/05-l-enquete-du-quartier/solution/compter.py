"""Compte les réponses d'une enquête : python compter.py"""

import csv
from collections import Counter
from pathlib import Path

with Path(__file__).with_name("enquete.csv").open(encoding="utf-8") as fichier:
    lignes = list(csv.DictReader(fichier))

for reponse, nombre in Counter(ligne["quand"] for ligne in lignes).most_common():
    print(f"{reponse:<10}{'#' * nombre} {nombre}")
print(f"total     {len(lignes)}")
