"""Relit une page HTML et montre ses fautes : python outils/valider.py index.html"""

import sys
from pathlib import Path

import html5lib


def fautes(chemin):
    """Donne les fautes d'une page : le numéro de la ligne, puis le nom de la faute."""
    lecteur = html5lib.HTMLParser()
    lecteur.parse(Path(chemin).read_text(encoding="utf-8"))
    return [(place[0], nom) for place, nom, _details in lecteur.errors]


if __name__ == "__main__":
    trouvees = fautes(sys.argv[1])
    for ligne, nom in trouvees:
        print(f"ligne {ligne} : {nom}")
    print(f"{len(trouvees)} faute(s)")
    sys.exit(1 if trouvees else 0)
