"""Compare les bibliothèques du projet avec une liste d'avis, sans réseau. Les noms sont inventés.

    python3 avis.py
"""

import json
from pathlib import Path

ICI = Path(__file__).parent


def nombres(version):
    """Return a version as numbers: 0.9.10 comes after 0.9.4, whatever their letters say."""
    return tuple(int(part) for part in version.split("."))


def touches(exigences, avis):
    """Return the advisories that touch an installed version."""
    versions = dict(ligne.split("==") for ligne in exigences.split())
    return [
        un["id"]
        for un in avis
        if un["paquet"] in versions and nombres(versions[un["paquet"]]) < nombres(un["avant"])
    ]


if __name__ == "__main__":
    avis = json.loads((ICI / "avis.json").read_text(encoding="utf-8"))
    print(touches((ICI / "exigences.txt").read_text(encoding="utf-8"), avis) or "Rien à signaler.")
