"""The orders of the day, kept in a base."""

from datetime import date
from pathlib import Path

import commandes
from flask import Flask, abort, g, redirect, render_template, request, url_for

CHEMIN = Path(__file__).parent / "fournil.db"
HEURES = ("8 h", "12 h", "17 h")
QUANTITE_MAX = 20


def lire_jour(texte):
    """Return an ISO day, or None when it is not one."""
    try:
        return date.fromisoformat(texte).isoformat() if len(texte) == 10 else None
    except ValueError:
        return None


def lire_commande(formulaire, produits, aujourdhui):
    """Check what was typed. Return the order and the errors, one sentence for each wrong field."""
    tape = {nom: formulaire.get(nom, "").strip() for nom in ("nom", "retrait_le", "heure")}
    tape |= {f"produit-{produit['id']}": formulaire.get(f"produit-{produit['id']}", "").strip() for produit in produits}
    erreurs, quantites = {}, {}
    if not 1 <= len(tape["nom"]) <= 40:
        erreurs["nom"] = "Écrivez un nom, de 1 à 40 lettres."
    jour = lire_jour(tape["retrait_le"])
    if jour is None or jour < aujourdhui:
        erreurs["retrait_le"] = "Choisissez un jour, à partir d'aujourd'hui."
    if tape["heure"] not in HEURES:
        erreurs["heure"] = "Choisissez une heure de la liste."
    for produit in produits:
        nom = f"produit-{produit['id']}"
        texte = tape[nom] or "0"
        if not (texte.isascii() and texte.isdecimal() and int(texte[:3]) <= QUANTITE_MAX):
            erreurs[nom] = f"Écrivez un nombre entier, de 0 à {QUANTITE_MAX}."
        elif int(texte):
            quantites[produit["id"]] = int(texte)
    if not quantites and not any(nom.startswith("produit-") for nom in erreurs):
        erreurs["commande"] = "Choisissez au moins un produit."
    return tape, quantites, erreurs


def creer(chemin=CHEMIN, jour_courant=lambda: date.today().isoformat()):
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 10_000

    def base():
        """Open the base once for each request."""
        if "base" not in g:
            g.base = commandes.ouvrir(chemin)
        return g.base

    @app.teardown_appcontext
    def fermer(_erreur):
        if "base" in g:
            g.pop("base").close()

    def formulaire(tape, erreurs, statut):
        produits = commandes.produits(base())
        page = render_template(
            "accueil.html", produits=produits, heures=HEURES, tape=tape, erreurs=erreurs, maximum=QUANTITE_MAX
        )
        return page, statut

    @app.get("/")
    def accueil():
        return formulaire({"retrait_le": jour_courant()}, {}, 200)

    @app.post("/commandes")
    def commander():
        tape, quantites, erreurs = lire_commande(request.form, commandes.produits(base()), jour_courant())
        if erreurs:
            return formulaire(tape, erreurs, 400)
        numero = commandes.enregistrer(base(), tape["nom"], tape["retrait_le"], tape["heure"], quantites)
        return redirect(url_for("recu", numero=numero), code=303)

    @app.get("/commandes/<int:numero>")
    def recu(numero):
        lignes = commandes.lignes(base(), numero) if numero < 2**63 else []
        if not lignes:
            abort(404)
        return render_template("recu.html", numero=numero, lignes=lignes)

    @app.get("/jour")
    def jour():
        choisi = lire_jour(request.args.get("le", jour_courant()))
        if choisi is None:
            abort(400)
        return render_template("jour.html", jour=choisi, total=commandes.a_preparer(base(), choisi))

    @app.errorhandler(400)
    def fausse(_erreur):
        return render_template("erreur.html", titre="Ce jour n'existe pas"), 400

    @app.errorhandler(404)
    def absente(_erreur):
        return render_template("erreur.html", titre="Cette page n'existe pas"), 404

    return app


if __name__ == "__main__":
    creer().run(host="127.0.0.1", port=5000)
