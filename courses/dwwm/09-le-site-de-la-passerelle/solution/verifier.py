"""Vérifie un site avant de le publier : python3 verifier.py site. Rend 0 quand tout est bon."""

import sys
from html.parser import HTMLParser
from pathlib import Path

POIDS = 150_000
VIDES = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Lecteur(HTMLParser):
    """Relève les liens, les images, les titres, et les balises mal fermées."""

    def __init__(self):
        super().__init__()
        self.ouvertes, self.fichiers, self.fautes, self.titres, self.ids = [], [], [], [], set()

    def handle_starttag(self, tag, attrs):
        reglages = dict(attrs)
        if tag not in VIDES:
            self.ouvertes.append(tag)
        if tag in {"h1", "h2", "h3"}:
            self.titres.append(tag)
        if tag == "img" and not reglages.get("alt"):
            self.fautes.append(f"ligne {self.getpos()[0]} : image sans texte")
        if "id" in reglages:
            self.ids.add(reglages["id"])
        self.fichiers += [reglages[cle] for cle in ("src", "href") if cle in reglages]

    def handle_endtag(self, tag):
        if not self.ouvertes or self.ouvertes.pop() != tag:
            self.fautes.append(f"ligne {self.getpos()[0]} : </{tag}> ne ferme rien")


def lire(page):
    lecteur = Lecteur()
    lecteur.feed(page.read_text(encoding="utf-8"))
    return lecteur


def problemes(dossier):
    """Donne une phrase par problème, page après page."""
    trouves = []
    for page in sorted(dossier.glob("*.html")):
        lu = lire(page)
        fautes = lu.fautes + ["balises jamais fermées : " + " ".join(lu.ouvertes)] * bool(lu.ouvertes)
        if lu.titres.count("h1") != 1:
            fautes.append(f"il faut un seul h1, ici {lu.titres.count('h1')}")
        servis = {page}
        for vers in lu.fichiers:
            nom, _diese, ancre = vers.partition("#")
            if ":" in nom:
                continue
            cible = dossier / nom if nom else page
            if not cible.is_file():
                fautes.append(f"« {vers} » ne mène nulle part")
            elif ancre and ancre not in lire(cible).ids:
                fautes.append(f"« {vers} » : l'endroit n'existe pas")
            elif cible.suffix != ".html":
                servis.add(cible)
        poids = sum(un.stat().st_size for un in servis)
        if poids > POIDS:
            fautes.append(f"la page pèse {poids // 1000} Ko")
        trouves += [f"{page.name}, {faute}" for faute in fautes]
    return trouves


if __name__ == "__main__":
    tous = problemes(Path(sys.argv[1]))
    print("\n".join(tous) or "Rien à corriger.")
    sys.exit(1 if tous else 0)
