"""Le nombre de lignes de chaque table, pour comparer avant et après.

python3 compter.py postgresql://localhost/atelier
"""

import sys

import psycopg
from psycopg import sql

TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"


def compter(adresse):
    with psycopg.connect(adresse) as base:
        noms = [nom for (nom,) in base.execute(TABLES)]
        requete = sql.SQL("SELECT count(*) FROM {}")
        return {nom: base.execute(requete.format(sql.Identifier(nom))).fetchone()[0] for nom in noms}


if __name__ == "__main__":
    for table, nombre in compter(sys.argv[1]).items():
        print(f"{table} : {nombre}")
