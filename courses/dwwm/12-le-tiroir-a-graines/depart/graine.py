"""La base de la grainothèque, sans rien installer : seul Python est utile.

    python3 graine.py neuve                 refait la base graines.db
    python3 graine.py lire 01.sql           montre ce que répond une requête ; ne change rien
    python3 graine.py ecrire change.sql     lance un fichier qui change la base
    python3 graine.py verifier              compare le dossier reponses/ avec les résultats attendus
    python3 graine.py sauver copie.sql      écrit toute la base dans un fichier
    python3 graine.py restaurer copie.sql   refait la base depuis ce fichier
    python3 graine.py compter               compte les lignes de chaque table
"""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

ICI = Path(__file__).parent
BASE = ICI / "graines.db"


def ouvrir(lecture=False):
    if not BASE.exists():
        raise SystemExit("La base n'existe pas encore. Lancez : python3 graine.py neuve")
    adresse = BASE.resolve().as_uri() + ("?mode=ro" if lecture else "")
    base = sqlite3.connect(adresse, uri=True, isolation_level=None)
    base.execute("PRAGMA foreign_keys = ON")
    return base


def restaurer(fichier):
    """Refait la base à côté, puis la met en place : une copie abîmée ne casse rien."""
    neuve = BASE.with_suffix(".neuve")
    neuve.unlink(missing_ok=True)
    with closing(sqlite3.connect(neuve)) as base:
        base.executescript(Path(fichier).read_text(encoding="utf-8"))
    neuve.replace(BASE)


def lignes(fichier):
    with closing(ouvrir(lecture=True)) as base:
        trouve = base.execute(Path(fichier).read_text(encoding="utf-8")).fetchall()
    return ["|".join("" if valeur is None else str(valeur) for valeur in ligne) for ligne in trouve]


def instructions(texte):
    """Coupe un fichier à chaque point-virgule qui finit une instruction."""
    morceau = ""
    for ligne in texte.splitlines(keepends=True):
        morceau += ligne
        if sqlite3.complete_statement(morceau):
            yield morceau
            morceau = ""


def ecrire(fichier):
    with closing(ouvrir()) as base:
        for une in instructions(Path(fichier).read_text(encoding="utf-8")):
            for ligne in base.execute(une).fetchall():
                print("|".join("" if valeur is None else str(valeur) for valeur in ligne))
        if base.in_transaction:
            print("La transaction n'est pas finie : rien n'est gardé. Ajoutez COMMIT ou ROLLBACK.")


def sauver(fichier):
    with closing(ouvrir(lecture=True)) as base:
        Path(fichier).write_text("\n".join(base.iterdump()) + "\n", encoding="utf-8")


def compter():
    with closing(ouvrir(lecture=True)) as base:
        for table in ("espece", "variete", "lot", "emprunt"):
            print(table, base.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def verifier():
    justes = 0
    for attendu in sorted((ICI / "attendus").glob("*.txt")):
        reponse = ICI / "reponses" / f"{attendu.stem}.sql"
        if not reponse.exists():
            print(attendu.stem, "pas encore écrite")
            continue
        try:
            obtenu = lignes(reponse)
        except sqlite3.Error as erreur:
            print(attendu.stem, "la base répond :", erreur)
            continue
        voulu = attendu.read_text(encoding="utf-8").splitlines()
        if obtenu == voulu:
            justes += 1
            print(attendu.stem, "juste")
        else:
            print(attendu.stem, f"pas encore : {len(obtenu)} lignes, {len(voulu)} attendues")
    print("Justes :", justes, "sur 15")


COMMANDES = {
    "neuve": lambda: restaurer(ICI / "graines.sql"),
    "lire": lambda fichier: print("\n".join(lignes(fichier))),
    "ecrire": ecrire,
    "verifier": verifier,
    "sauver": sauver,
    "restaurer": restaurer,
    "compter": compter,
}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDES:
        raise SystemExit(__doc__)
    try:
        COMMANDES[sys.argv[1]](*sys.argv[2:])
    except (OSError, TypeError, sqlite3.Error) as erreur:
        raise SystemExit(f"Cela n'a pas marché : {erreur}") from None
