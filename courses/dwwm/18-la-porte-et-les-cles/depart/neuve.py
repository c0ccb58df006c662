"""A fresh base: python3 neuve.py [objets.csv]"""

import sys
from contextlib import closing

from reserve import base as acces
from reserve.serveur import CHEMIN

if __name__ == "__main__":
    CHEMIN.unlink(missing_ok=True)
    with closing(acces.ouvrir(CHEMIN)) as base:
        acces.preparer(base)
        with base:
            base.executemany(
                "INSERT INTO carte (numero, finit_le) VALUES (?, ?)", [(12, "2030-12-31"), (45, "2026-10-01")]
            )
        nombre = acces.importer(base, sys.argv[1]) if len(sys.argv) > 1 else 0
        print("Base neuve :", nombre, "objets")
