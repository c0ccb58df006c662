"""Remet une sauvegarde à la place de la base. La base cassée est mise de côté, jamais effacée.

Arrêtez d'abord le service, puis :
python3 restaurer.py /srv/reserve/sauvegardes/reserve-20270308-030000.db /srv/reserve/donnees/reserve.db
"""

import shutil
import sys
from pathlib import Path

from sauvegarder import compter


def restaurer(copie, base):
    base = Path(base)
    attendu = compter(copie)
    provisoire = base.with_suffix(".restauree")
    shutil.copyfile(copie, provisoire)
    if compter(provisoire) != attendu:
        raise SystemExit("La copie n'a pas le bon nombre de lignes. Rien n'a changé.")
    if base.exists():
        base.replace(base.with_suffix(".cassee"))
    provisoire.replace(base)
    return attendu


if __name__ == "__main__":
    print(restaurer(sys.argv[1], sys.argv[2]))
