"""A fresh base with one account of the office: python3 neuve.py [objets.csv]

The password is typed, or comes from the environment: it is never written in the code.
"""

import getpass
import os
import sys
from contextlib import closing

from reserve import base as acces
from reserve.comptes import Comptes
from reserve.serveur import CHEMIN

if __name__ == "__main__":
    mot_de_passe = os.environ.get("RESERVE_MOT_DE_PASSE") or getpass.getpass("Mot de passe du bureau : ")
    CHEMIN.unlink(missing_ok=True)
    with closing(acces.ouvrir(CHEMIN)) as base:
        acces.preparer(base)
        with base:
            base.execute("INSERT INTO carte (numero, finit_le) VALUES (12, '2030-12-31')")
        Comptes().creer(base, "bureau", mot_de_passe, "bureau")
        nombre = acces.importer(base, sys.argv[1]) if len(sys.argv) > 1 else 0
    print("Base neuve :", nombre, "objets, un compte « bureau »")
