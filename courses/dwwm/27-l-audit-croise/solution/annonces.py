"""Les petites annonces, réparées : chaque réparation répond à un constat de audit.md."""

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from secrets import compare_digest, token_hex

from flask import Flask, abort, redirect, render_template, request, session, url_for

VELOS = ["Vélo de ville", "Vélo pliant", "Roue de 28", "Selle", "Garde-boue", "Porte-bagages", "Remorque"]
PAR_PAGE = 20


def ouvrir(chemin):
    connexion = sqlite3.connect(chemin)
    connexion.row_factory = sqlite3.Row
    return connexion


def remplir(chemin, combien=300):
    with closing(ouvrir(chemin)) as base, base:
        base.executescript(Path(__file__).with_name("schema.sql").read_text(encoding="utf-8"))
        if not base.execute("SELECT count(*) FROM annonce").fetchone()[0]:
            lignes = [(1 + n % 40, f"{VELOS[n % len(VELOS)]} n° {n}", 500 + 10 * n) for n in range(combien)]
            base.executemany("INSERT INTO annonce (carte, titre, prix) VALUES (?, ?, ?)", lignes)


def lire_prix(texte):
    """Des euros tapés par une personne, en centimes. None si ce n'est pas un prix."""
    trouve = re.fullmatch(r"([0-9]{1,5})(?:[,.]([0-9]{1,2}))?", texte.strip())
    return int(trouve[1]) * 100 + int((trouve[2] or "0").ljust(2, "0")) if trouve else None


def creer_app(chemin, secret=None):
    app = Flask(__name__)
    app.config.update(SECRET_KEY=secret or os.environ["ANNONCES_SECRET"], SESSION_COOKIE_SAMESITE="Lax")
    remplir(chemin)

    @app.before_request
    def verifier_le_jeton():
        session.setdefault("jeton", token_hex(16))
        if request.method == "POST" and not compare_digest(request.form.get("jeton", ""), session["jeton"]):
            abort(400)

    @app.after_request
    def proteger(reponse):
        reponse.headers["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'none'; form-action 'self'"
        return reponse

    @app.template_filter("euros")
    def euros(centimes):
        return f"{centimes // 100},{centimes % 100:02} euros"

    @app.get("/")
    def liste(erreurs=None, valeurs=None):
        mot, avant = request.args.get("mot", "").strip(), request.args.get("avant", type=int) or 2**31
        requete = "SELECT * FROM annonce WHERE id < ? AND instr(lower(titre), lower(?)) > 0 ORDER BY id DESC LIMIT ?"
        with closing(ouvrir(chemin)) as base:
            trouvees = base.execute(requete, [avant, mot, PAR_PAGE + 1]).fetchall()
        suite = trouvees[PAR_PAGE - 1]["id"] if len(trouvees) > PAR_PAGE else None
        page = render_template(
            "liste.html",
            annonces=trouvees[:PAR_PAGE],
            suite=suite,
            mot=mot,
            carte=session.get("carte"),
            jeton=session["jeton"],
            erreurs=erreurs or {},
            valeurs=valeurs or {},
        )
        return page, 400 if erreurs else 200

    @app.post("/entrer")
    def entrer():
        carte = request.form.get("carte", "").strip()
        if not (carte.isascii() and carte.isdigit() and len(carte) <= 4):
            return liste({"carte": "Écrivez le numéro de votre carte, en chiffres."}, request.form)
        session["carte"] = int(carte)
        return redirect(url_for("liste"), 303)

    @app.post("/annonces")
    def deposer():
        if "carte" not in session:
            abort(403)
        erreurs, titre, prix = {}, request.form.get("titre", "").strip(), lire_prix(request.form.get("prix", ""))
        if not 3 <= len(titre) <= 80:
            erreurs["titre"] = "Écrivez un titre de 3 à 80 signes."
        if prix is None:
            erreurs["prix"] = "Écrivez un prix en euros, par exemple 12,50."
        if erreurs:
            return liste(erreurs, request.form)
        with closing(ouvrir(chemin)) as base, base:
            base.execute("INSERT INTO annonce (carte, titre, prix) VALUES (?, ?, ?)", [session["carte"], titre, prix])
        return redirect(url_for("liste"), 303)

    @app.post("/annonces/<int:numero>/effacer")
    def effacer(numero):
        # La carte fait partie de la question posée à la base : on n'efface que le sien.
        with closing(ouvrir(chemin)) as base, base:
            fait = base.execute(
                "DELETE FROM annonce WHERE id = ? AND carte = ?", [numero, session.get("carte")]
            ).rowcount
        if not fait:
            abort(404)
        return redirect(url_for("liste"), 303)

    return app
