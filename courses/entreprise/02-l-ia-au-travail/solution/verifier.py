"""Vérifie une note : python verifier.py. Chaque phrase gardée est, mot pour mot, celle de sa source."""

import re
from pathlib import Path

ICI = Path(__file__).parent


def sources(texte):
    """Rend les phrases des sources, par leur numéro."""
    return dict(re.findall(r"^([A-Z]\d)\. (.+)$", texte, re.MULTILINE))


def fautes(note, connues):
    """Rend les phrases qui ne sont pas celles de leur source, et qui ne sont pas barrées."""
    trouvees = []
    for ligne in note.strip().splitlines():
        phrase, _, numero = ligne.rpartition(" (")
        if not ligne.startswith("~~") and connues.get(numero.rstrip(")")) != phrase:
            trouvees.append(ligne)
    return trouvees


if __name__ == "__main__":
    connues = sources((ICI.parent / "depart" / "sources.txt").read_text(encoding="utf-8"))
    print(fautes((ICI / "note.txt").read_text(encoding="utf-8"), connues) or "Chaque phrase a sa source.")
