"""Un mauvais réseau, sans prendre le train. À lancer à la place de course.py.

python3 reseau.py --retard 3                  tout arrive, mais lentement
python3 reseau.py --perdre demande            la demande n'arrive jamais au serveur
python3 reseau.py --perdre reponse            le serveur a tout écrit, mais sa réponse se perd
python3 reseau.py --perdre reponse --fois 1   seulement la première fois
"""

import argparse
import socket
import time

from course import creer_app


class Reseau:
    """Se pose entre le navigateur et l'application. Seuls les envois (POST) se perdent."""

    def __init__(self, application, perdre="", retard=0, fois=10**6):
        self.application, self.perdre, self.retard, self.fois = application, perdre, retard, fois

    def __call__(self, environ, start_response):
        time.sleep(self.retard)
        if environ["REQUEST_METHOD"] != "POST" or not self.perdre or self.fois <= 0:
            return self.application(environ, start_response)
        self.fois -= 1
        if self.perdre == "reponse":
            # Le travail est fait, jusqu'au bout. Personne ne le saura.
            for _ in self.application(environ, lambda *_: None):
                pass
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError("Le tunnel : la liaison est coupée.")


if __name__ == "__main__":
    mots = argparse.ArgumentParser()
    mots.add_argument("--perdre", choices=["demande", "reponse"], default="")
    mots.add_argument("--retard", type=float, default=0)
    mots.add_argument("--fois", type=int, default=10**6)
    choix = mots.parse_args()
    app = creer_app("course.db")
    app.wsgi_app = Reseau(app.wsgi_app, choix.perdre, choix.retard, choix.fois)
    app.run(port=8000)
