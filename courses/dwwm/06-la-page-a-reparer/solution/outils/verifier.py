"""Relance toutes les vérifications : python outils/verifier.py. Rend 0 quand il n'y a rien à corriger."""

import re
import sys
from pathlib import Path

from valider import fautes

ICI = Path(__file__).resolve().parent.parent
LIMITE = 480_000


def poids(dossier):
    """Donne les fichiers de la page, du plus lourd au plus léger."""
    servis = [un for un in dossier.rglob("*") if un.suffix in {".html", ".css", ".js", ".png", ".jpg"}]
    servis = [un for un in servis if "outils" not in un.parts and ".venv" not in un.parts]
    return sorted(((un.stat().st_size, un.relative_to(dossier)) for un in servis), reverse=True)


def images_sans_texte(page):
    return [image for image in re.findall(r"<img[^>]*>", page) if "alt=" not in image]


def main():
    page = (ICI / "index.html").read_text(encoding="utf-8")
    problemes = [f"index.html, ligne {ligne} : {nom}" for ligne, nom in fautes(ICI / "index.html")]
    problemes += [f"image sans texte : {image}" for image in images_sans_texte(page)]
    fichiers = poids(ICI)
    total = sum(taille for taille, _nom in fichiers)
    if total > LIMITE:
        problemes.append(f"trop lourd : {total // 1000} Ko")
    for taille, nom in fichiers:
        print(f"{taille // 1000:6} Ko  {nom}")
    print(f"{total // 1000:6} Ko  en tout")
    for probleme in problemes:
        print(probleme)
    print("Rien à corriger." if not problemes else f"{len(problemes)} chose(s) à corriger.")
    print("Puis, pour axe : python -m http.server 8000 --bind 127.0.0.1, et http://127.0.0.1:8000/outils/axe.html")
    return 1 if problemes else 0


if __name__ == "__main__":
    sys.exit(main())
