"""La commande du jour : un petit serveur pour la boulangerie Le Fournil."""

from flask import Flask, render_template

PRODUITS = {"baguette": "Baguette", "seigle": "Pain de seigle", "brioche": "Brioche"}


def creer():
    """Fabrique le serveur. Les commandes vivent en mémoire : elles s'oublient à l'arrêt."""
    app = Flask(__name__)

    @app.get("/")
    def accueil():
        return render_template("accueil.html", produits=PRODUITS)

    # À vous : la commande, le reçu, la liste du jour, les pages d'erreur.
    return app


if __name__ == "__main__":
    creer().run(host="127.0.0.1", port=5000)
