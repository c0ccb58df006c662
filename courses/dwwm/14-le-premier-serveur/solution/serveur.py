"""La commande du jour : un petit serveur pour la boulangerie Le Fournil."""

from collections import Counter

from flask import Flask, abort, redirect, render_template, request, url_for

PRODUITS = {"baguette": "Baguette", "seigle": "Pain de seigle", "brioche": "Brioche"}
HEURES = ("8 h", "12 h", "17 h")
QUANTITE_MAX = 20
LONGUEUR_MAX = 40


def lire_commande(formulaire):
    """Check what was typed. Return the order and the errors, one sentence for each wrong field."""
    nom = formulaire.get("nom", "").strip()
    produit = formulaire.get("produit", "")
    quantite = formulaire.get("quantite", "").strip()
    heure = formulaire.get("heure", "")
    erreurs = {}
    if not 1 <= len(nom) <= LONGUEUR_MAX:
        erreurs["nom"] = f"Écrivez un nom, de 1 à {LONGUEUR_MAX} lettres."
    if produit not in PRODUITS:
        erreurs["produit"] = "Choisissez un produit de la liste."
    if not (quantite.isascii() and quantite.isdecimal() and 1 <= int(quantite[:3]) <= QUANTITE_MAX):
        erreurs["quantite"] = f"Écrivez un nombre entier, de 1 à {QUANTITE_MAX}."
    if heure not in HEURES:
        erreurs["heure"] = "Choisissez une heure de la liste."
    return {"nom": nom, "produit": produit, "quantite": quantite, "heure": heure}, erreurs


def creer():
    """Make the server. Orders live in memory: they are forgotten when it stops."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 10_000
    commandes = []

    def formulaire(commande, erreurs, statut):
        page = render_template(
            "accueil.html", produits=PRODUITS, heures=HEURES, maximum=QUANTITE_MAX, commande=commande, erreurs=erreurs
        )
        return page, statut

    @app.get("/")
    def accueil():
        return formulaire({"quantite": "1"}, {}, 200)

    @app.post("/commandes")
    def commander():
        commande, erreurs = lire_commande(request.form)
        if erreurs:
            return formulaire(commande, erreurs, 400)
        commandes.append(commande | {"quantite": int(commande["quantite"])})
        return redirect(url_for("recu", numero=len(commandes)), code=303)

    @app.get("/commandes/<int:numero>")
    def recu(numero):
        # The name is not shown: anybody can guess a number.
        if not 1 <= numero <= len(commandes):
            abort(404)
        return render_template("recu.html", numero=numero, commande=commandes[numero - 1], produits=PRODUITS)

    @app.get("/jour")
    def jour():
        total = Counter()
        for commande in commandes:
            total[commande["produit"]] += commande["quantite"]
        return render_template("jour.html", total=total, produits=PRODUITS)

    @app.errorhandler(404)
    def absente(_erreur):
        return render_template("erreur.html", titre="Cette page n'existe pas"), 404

    @app.errorhandler(500)
    def panne(_erreur):
        return render_template("erreur.html", titre="Une erreur chez nous"), 500

    return app


if __name__ == "__main__":
    creer().run(host="127.0.0.1", port=5000)
