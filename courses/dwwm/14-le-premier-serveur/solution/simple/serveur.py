"""La commande du jour, version simple : il manque une vérification."""

from flask import Flask, render_template, request

PRODUITS = {"baguette": "Baguette", "seigle": "Pain de seigle", "brioche": "Brioche"}


def creer():
    app = Flask(__name__)

    @app.get("/")
    def accueil():
        return render_template("accueil.html", produits=PRODUITS, nom="", erreur="")

    @app.post("/commandes")
    def commander():
        nom = request.form.get("nom", "").strip()
        # À vous : si le nom est vide, répondez 400, avec la page et une phrase.
        return render_template("recu.html", nom=nom, produit=PRODUITS.get(request.form.get("produit"), ""))

    return app


if __name__ == "__main__":
    creer().run(host="127.0.0.1", port=5000)
