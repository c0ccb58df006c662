"""Compare les bibliothèques du projet avec une liste d'avis, sans réseau. Les noms sont inventés.

    python3 avis.py
"""

import json
from pathlib import Path

ICI = Path(__file__).parent


def touches(exigences, avis):
    """Rend les avis qui touchent une version installée."""
    versions = dict(ligne.split("==") for ligne in exigences.split())
    return [un["id"] for un in avis if un["paquet"] in versions and versions[un["paquet"]] < un["avant"]]


if __name__ == "__main__":
    avis = json.loads((ICI / "avis.json").read_text(encoding="utf-8"))
    print(touches((ICI / "exigences.txt").read_text(encoding="utf-8"), avis) or "Rien à signaler.")
