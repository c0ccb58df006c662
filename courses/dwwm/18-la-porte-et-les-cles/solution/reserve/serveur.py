"""The counter's pages, behind a door. Each route says which action it is; the table says who may."""

import csv
import hmac
import io
import os
from datetime import UTC, date, datetime
from pathlib import Path

from flask import Flask, Response, abort, g, redirect, render_template, request, url_for

from reserve import base as acces
from reserve import comptes, regles
from reserve.droits import ADHERENT, ANONYME, BENEVOLE, BUREAU, Action, peut, peut_voir_carte

CHEMIN = Path(__file__).parent.parent / "reserve.db"
COOKIE = "jeton"
RATE = "Identifiant ou mot de passe incorrect."
ATTENDRE = "Trop d'essais. Attendez un quart d'heure, ou demandez au bureau."


def creer(chemin=CHEMIN, maintenant=lambda: datetime.now(UTC), secret=None, hacheur=None, https=True):
    """Make the server. The secret comes from the environment, and there is no other one."""
    secret = secret or os.environ.get("RESERVE_SECRET", "")
    if len(secret) < 32:
        raise SystemExit("Donnez un secret d'au moins 32 signes dans RESERVE_SECRET.")
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 10_000
    porte = comptes.Comptes(hacheur)
    actions = {}

    def route(methode, adresse, action):
        """Join an address to a function and to its action. A route without an action cannot be written."""

        def joindre(fonction):
            actions[fonction.__name__] = action
            app.add_url_rule(adresse, fonction.__name__, fonction, methods=[methode])
            return fonction

        return joindre

    def base():
        if "base" not in g:
            g.base = acces.ouvrir(chemin)
        return g.base

    @app.teardown_appcontext
    def fermer(_erreur):
        if "base" in g:
            g.pop("base").close()

    @app.before_request
    def garder():
        """Know who is there, then ask the table. What is not allowed is refused."""
        g.jeton = request.cookies.get(COOKIE) or comptes.jeton_neuf()
        g.compte = comptes.compte_de(base(), g.jeton, maintenant())
        g.role = g.compte["role"] if g.compte else ANONYME
        if request.endpoint == "static" or request.endpoint is None:
            return
        if not peut(g.role, actions.get(request.endpoint)):
            abort(401 if g.role == ANONYME else 403)
        if request.method == "POST":
            attendu = comptes.jeton_de_formulaire(secret, g.jeton)
            if not hmac.compare_digest(request.form.get("jeton", "").encode(), attendu.encode()):
                abort(400)

    @app.after_request
    def poser(reponse):
        if "jeton" in g and request.cookies.get(COOKIE) != g.jeton and request.endpoint != "static":
            reponse.set_cookie(COOKIE, g.jeton, httponly=True, secure=https, samesite="Lax")
        if "jeton" in g:
            reponse.headers["Cache-Control"] = "no-store"
        return reponse

    @app.context_processor
    def donner():
        return {
            "jeton_formulaire": comptes.jeton_de_formulaire(secret, g.jeton) if "jeton" in g else "",
            "compte": g.get("compte"),
            "peut": lambda nom: peut(g.get("role", ANONYME), Action[nom]),
        }

    def aujourdhui():
        return maintenant().date()

    def trouver(numero):
        objet = acces.objet(base(), numero) if numero < 2**63 else None
        return objet or abort(404)

    def page_objet(objet, numero="", raisons=(), statut=200):
        return render_template("objet.html", objet=objet, numero=numero, raisons=raisons), statut

    @route("GET", "/", Action.VOIR_OBJETS)
    def accueil():
        mot = request.args.get("mot", "")[:60]
        apres = (request.args.get("cle", "")[:100], min(request.args.get("apres", 0, type=int), 2**62))
        objets, suite = acces.chercher(base(), mot, apres)
        return render_template("accueil.html", objets=objets, suite=suite, mot=mot)

    @route("GET", "/connexion", Action.SE_CONNECTER)
    def connexion():
        return render_template("connexion.html", identifiant="", erreur="")

    @route("POST", "/connexion", Action.SE_CONNECTER)
    def se_connecter():
        identifiant = request.form.get("identifiant", "")
        try:
            compte = porte.reconnaitre(base(), identifiant, request.form.get("mot_de_passe", ""), maintenant())
        except comptes.TropDEssais:
            return render_template("connexion.html", identifiant=identifiant, erreur=ATTENDRE), 429
        if compte is None:
            return render_template("connexion.html", identifiant=identifiant, erreur=RATE), 401
        comptes.fermer_session(base(), g.jeton)
        g.jeton = comptes.ouvrir_session(base(), compte["id"], maintenant())
        return redirect(url_for("accueil"), code=303)

    @route("POST", "/deconnexion", Action.SE_DECONNECTER)
    def se_deconnecter():
        comptes.fermer_session(base(), g.jeton)
        g.jeton = comptes.jeton_neuf()
        return redirect(url_for("accueil"), code=303)

    @route("GET", "/objets/<int:numero>", Action.VOIR_OBJETS)
    def objet(numero):
        return page_objet(trouver(numero))

    @route("POST", "/objets/<int:numero>/emprunts", Action.NOTER_UN_PRET)
    def sortir(numero):
        objet = trouver(numero)
        tape = request.form.get("carte", "").strip()
        carte = acces.carte(base(), int(tape)) if tape.isascii() and tape.isdecimal() and len(tape) < 10 else None
        if carte is None:
            return page_objet(objet, tape, ["Cette carte n'existe pas. Relisez son numéro."], 400)
        jour = aujourdhui()
        raisons = regles.refus(
            objet["emprunt_id"] is not None,
            date.fromisoformat(carte["finit_le"]),
            acces.dehors(base(), carte["id"]),
            jour,
        )
        if raisons:
            return page_objet(objet, tape, raisons, 409)
        try:
            acces.sortir(base(), numero, carte["id"], jour, regles.retour_prevu(jour, bool(objet["gros"])))
        except acces.DejaDehors:
            return page_objet(trouver(numero), tape, [regles.DEJA_DEHORS], 409)
        return redirect(url_for("objet", numero=numero), code=303)

    @route("POST", "/emprunts/<int:numero>/retour", Action.NOTER_UN_PRET)
    def rendre(numero):
        if numero < 2**63:
            acces.rendre(base(), numero, aujourdhui())
        return redirect(url_for("accueil"), code=303)

    @route("GET", "/cartes/<int:numero>", Action.VOIR_UNE_CARTE)
    def carte(numero):
        # Somebody else's card and one that does not exist answer alike.
        permis = peut_voir_carte(g.role, g.compte["carte"], numero)
        if not permis or numero >= 2**63 or acces.carte(base(), numero) is None:
            abort(404)
        return render_template("carte.html", numero=numero, prets=acces.prets(base(), numero))

    @route("GET", "/retards", Action.VOIR_LES_RETARDS)
    def retards():
        return render_template("retards.html", retards=acces.retards(base(), aujourdhui()))

    @route("GET", "/retards.csv", Action.VOIR_LES_RETARDS)
    def exporter():
        sortie = io.StringIO()
        ecrivain = csv.writer(sortie)
        ecrivain.writerow(["étiquette", "objet", "carte", "retour prévu"])
        for un in acces.retards(base(), aujourdhui()):
            cellules = (un["etiquette"], un["nom"], str(un["numero"]), un["retour_prevu"])
            ecrivain.writerow([regles.cellule_sure(cellule) for cellule in cellules])
        en_tetes = {"Content-Disposition": "attachment; filename=retards.csv"}
        return Response(sortie.getvalue(), mimetype="text/csv", headers=en_tetes)

    @route("GET", "/comptes", Action.GERER_LES_COMPTES)
    def liste_comptes():
        return render_template("comptes.html", comptes=comptes.tous(base()), roles=(ADHERENT, BENEVOLE, BUREAU))

    @route("POST", "/comptes/<int:numero>/role", Action.GERER_LES_COMPTES)
    def changer_role(numero):
        role = request.form.get("role")
        if role not in (ADHERENT, BENEVOLE, BUREAU):
            abort(400)
        if numero >= 2**63 or not comptes.changer_role(base(), numero, role):
            abort(404)
        return redirect(url_for("liste_comptes"), code=303)

    phrases = {
        400: "La demande n'est pas complète. Rechargez la page, puis recommencez.",
        401: "Il faut d'abord se connecter.",
        403: "Votre compte ne permet pas cela. Demandez au bureau.",
        404: "Cette page n'existe pas.",
        500: "Une erreur chez nous. Rien n'est perdu : réessayez dans un moment.",
    }

    def dire(statut):
        def page(_erreur):
            return render_template("erreur.html", titre=phrases[statut], statut=statut), statut

        return page

    for statut in phrases:
        app.register_error_handler(statut, dire(statut))

    return app
