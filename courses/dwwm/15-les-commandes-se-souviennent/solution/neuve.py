"""Refait une base neuve : python3 neuve.py"""

from contextlib import closing
from pathlib import Path

from commandes import ouvrir, preparer, produits

CHEMIN = Path(__file__).parent / "fournil.db"

if __name__ == "__main__":
    CHEMIN.unlink(missing_ok=True)
    with closing(ouvrir(CHEMIN)) as base:
        preparer(base)
        print("Base neuve :", len(produits(base)), "produits")
