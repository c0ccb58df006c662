"""Joue une base de données : la crée, la remplit, essaie les lignes fausses, la copie.

    python3 base.py essayer DOSSIER            avec creation.sql, donnees.sql et refus.sql dans ce dossier
    python3 base.py copier DOSSIER copie.sql   écrit la base remplie dans un fichier
    python3 base.py restaurer copie.sql neuve.db
"""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path


def ouvrir(fichier=":memory:"):
    base = sqlite3.connect(fichier, isolation_level=None)
    base.execute("PRAGMA foreign_keys = ON")
    return base


def instructions(fichier):
    """Coupe un fichier SQL à la fin de chaque instruction."""
    morceau = ""
    for ligne in Path(fichier).read_text(encoding="utf-8").splitlines(keepends=True):
        morceau += ligne
        if sqlite3.complete_statement(morceau):
            yield morceau.strip()
            morceau = ""


def tables(base):
    trouve = base.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return sorted(nom for (nom,) in trouve)


def comptes(base):
    return {nom: base.execute(f'SELECT count(*) FROM "{nom}"').fetchone()[0] for nom in tables(base)}


def remplir(base, dossier):
    for nom in ("creation.sql", "donnees.sql"):
        for une in instructions(Path(dossier) / nom):
            base.execute(une)


def essayer(dossier):
    with closing(ouvrir()) as base:
        for une in instructions(Path(dossier) / "creation.sql"):
            base.execute(une)
        laches = base.execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
                              "AND strict = 0 AND name NOT LIKE 'sqlite_%'").fetchall()
        if laches:
            raise SystemExit(f"Ces tables ne sont pas STRICT : {', '.join(nom for (nom,) in laches)}")
        print("Création : juste")
        for une in instructions(Path(dossier) / "donnees.sql"):
            base.execute(une)
        print("Données :", sum(comptes(base).values()), "lignes")
        for numero, une in enumerate(instructions(Path(dossier) / "refus.sql"), 1):
            base.execute("SAVEPOINT essai")
            try:
                base.execute(une)
            except sqlite3.IntegrityError as erreur:
                print(f"Refus {numero} : refusée ({erreur})")
            except sqlite3.Error as erreur:
                raise SystemExit(f"Refus {numero} : la ligne est mal écrite ({erreur})\n{une}") from None
            else:
                raise SystemExit(f"Refus {numero} : la base l'a acceptée !\n{une}")
            finally:
                base.execute("ROLLBACK TO essai")
                base.execute("RELEASE essai")
        with closing(sqlite3.connect(":memory:")) as copie:
            copie.executescript("\n".join(base.iterdump()))
            if comptes(copie) != comptes(base):
                raise SystemExit("La copie restaurée n'a pas les mêmes comptes.")
        print("Copie restaurée : identique")
    print("Tout est juste.")


def copier(dossier, fichier):
    with closing(ouvrir()) as base:
        remplir(base, dossier)
        Path(fichier).write_text("\n".join(base.iterdump()) + "\n", encoding="utf-8")


def restaurer(fichier, neuve):
    if Path(neuve).exists():
        raise SystemExit(f"{neuve} existe déjà : choisissez un autre nom.")
    with closing(sqlite3.connect(neuve)) as base:
        base.executescript(Path(fichier).read_text(encoding="utf-8"))
        for nom, nombre in comptes(base).items():
            print(nom, nombre)


COMMANDES = {"essayer": essayer, "copier": copier, "restaurer": restaurer}

if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in COMMANDES:
        raise SystemExit(__doc__)
    try:
        COMMANDES[sys.argv[1]](*sys.argv[2:])
    except (OSError, TypeError, sqlite3.Error) as erreur:
        raise SystemExit(f"Cela n'a pas marché : {erreur}") from None
