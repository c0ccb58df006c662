"""Quatre questions, toutes les cinq minutes. Se tait quand tout va bien, et ne crie pas deux fois la même chose.

python3 surveiller.py reglages.json
"""

import json
import shutil
import socket
import ssl
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

UN_JOUR = 24 * 3600


def site(adresse, attente=10):
    """Le site répond-il, et dit-il qu'il va bien ?"""
    try:
        with urllib.request.urlopen(adresse, timeout=attente) as reponse:
            return None if json.load(reponse).get("etat") == "bon" else "Le site répond, mais ne dit pas qu'il va bien."
    except urllib.error.HTTPError as erreur:
        return f"Le site répond par une erreur {erreur.code}."
    except (OSError, ValueError):
        return "Le site ne répond pas."


def certificat(hote, port, maintenant, au_moins=14, autorite=None):
    """Combien de jours avant que le navigateur fasse peur aux gens ?"""
    contexte = ssl.create_default_context(cafile=autorite)
    try:
        with (
            socket.create_connection((hote, port), timeout=10) as prise,
            contexte.wrap_socket(prise, server_hostname=hote) as liaison,
        ):
            fin = ssl.cert_time_to_seconds(liaison.getpeercert()["notAfter"])
    except ssl.SSLCertVerificationError:
        return "Le certificat n'est pas reconnu, ou il est périmé."
    except OSError:
        return "Le port sécurisé ne répond pas."
    jours = int((fin - maintenant) // UN_JOUR)
    return f"Le certificat finit dans {jours} jours." if jours < au_moins else None


def sauvegarde(dossier, maintenant, heures=26):
    """La dernière copie est-elle fraîche, et pleine ?"""
    copies = sorted(Path(dossier).glob("*.dump"), key=lambda copie: copie.stat().st_mtime)
    if not copies:
        return "Il n'y a aucune sauvegarde."
    derniere = copies[-1].stat()
    if not derniere.st_size:
        return "La dernière sauvegarde est vide."
    age = int((maintenant - derniere.st_mtime) // 3600)
    return f"La dernière sauvegarde a {age} heures." if age > heures else None


def disque(dossier, au_moins=0.1):
    usage = shutil.disk_usage(dossier)
    return None if usage.free / usage.total >= au_moins else "Le disque est presque plein."


def annoncer(avant, apres):
    """Ce qui est nouveau, puis ce qui est réparé. Une alarme qui sonne toujours ne sert plus : sinon, rien."""
    lignes = [f"NOUVEAU : {phrase}" for nom, phrase in apres.items() if phrase and not avant.get(nom)]
    return lignes + [f"RÉPARÉ : {nom}" for nom, phrase in avant.items() if phrase and not apres.get(nom)]


def tour(reglages, memoire, maintenant):
    apres = {
        "site": site(reglages["adresse"]),
        "sauvegarde": sauvegarde(reglages["copies"], maintenant),
        "disque": disque(reglages["copies"]),
    }
    if reglages.get("hote"):
        apres["certificat"] = certificat(
            reglages["hote"], reglages.get("port", 443), maintenant, autorite=reglages.get("autorite")
        )
    memoire = Path(memoire)
    avant = json.loads(memoire.read_text(encoding="utf-8")) if memoire.exists() else {}
    memoire.write_text(json.dumps(apres, ensure_ascii=False), encoding="utf-8")
    return annoncer(avant, apres)


if __name__ == "__main__":
    nouvelles = tour(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), "etat.json", time.time())
    print("\n".join(nouvelles))
    sys.exit(1 if any(ligne.startswith("NOUVEAU") for ligne in nouvelles) else 0)
