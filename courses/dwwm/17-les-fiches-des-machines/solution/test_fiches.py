"""The same tests on documents and on tables: the names are the same, so are the answers."""

import copy
import json
from pathlib import Path

import fiches
import fiches_sql
import pytest

DOUZE = json.loads((Path(__file__).parent / "fiches.json").read_text(encoding="utf-8"))


@pytest.fixture(params=[fiches, fiches_sql], ids=["documents", "tables"])
def acces(request):
    return request.param


@pytest.fixture
def base(acces):
    ouverte = acces.ouvrir()
    for fiche in DOUZE:
        acces.ajouter(ouverte, fiche)
    yield ouverte
    ouverte.close()


def test_une_fiche_se_relit(acces, base):
    assert acces.lire(base, "laser-1")["reglages"]["vitesse"] == {"valeur": 20, "unite": "mm/s"}
    assert acces.lire(base, "absente-1") is None


def test_on_cherche_dans_un_champ_emboite(acces, base):
    assert acces.au_dessus(base, "°C", 160) == ["four-1", "imprimante-1"]
    assert acces.au_dessus(base, "°C", 159) == ["four-1", "imprimante-1", "presse-1"]


def test_un_reglage_change_et_les_autres_restent(acces, base):
    assert acces.regler(base, "laser-1", "puissance", 65)
    assert acces.lire(base, "laser-1")["reglages"]["puissance"] == {"valeur": 65, "unite": "%"}
    assert acces.lire(base, "laser-1")["reglages"]["foyer"]["valeur"] == 5
    assert not acces.regler(base, "laser-1", "couleur", 3)


def test_une_cle_prise_est_refusee(acces, base):
    with pytest.raises(Exception, match="déjà prise|UNIQUE constraint"):
        acces.ajouter(base, DOUZE[0])


def test_les_usages_se_comptent(acces, base):
    acces.compter_un_usage(base, "laser-1")
    acces.compter_un_usage(base, "laser-1")
    assert acces.usages(base, "laser-1") == 2


def changee(**changements):
    return copy.deepcopy(DOUZE[0]) | {"cle": "neuve-1"} | changements


@pytest.mark.parametrize(
    ("fiche", "phrase"),
    [
        ([], "entre accolades"),
        ({"cle": "neuve-1"}, "« nom » manque"),
        (changee(couleur="bleue"), "« couleur » n'existe pas"),
        (changee(cle="Laser 1"), "La clé ressemble"),
        (changee(nom="  "), "Le nom est vide"),
        (changee(famille="avion"), "famille n'existe pas"),
        (changee(famille=[]), "famille n'existe pas"),
        (changee(reglages={}), "au moins un réglage"),
        (changee(reglages={"vitesse": 20}), "une valeur et une unité"),
        (changee(reglages={"vitesse": {"valeur": "20", "unite": "mm/s"}}), "valeur entière"),
        (changee(reglages={"vitesse": {"valeur": True, "unite": "mm/s"}}), "valeur entière"),
        (changee(consignes="gants"), "liste de phrases"),
        (changee(entretiens=[{"le": "2026-02-30", "geste": "huiler"}]), "Un entretien a un jour"),
        (changee(entretiens=[{"le": "20261125", "geste": "huiler"}]), "Un entretien a un jour"),
    ],
)
def test_une_fiche_mal_formee_est_refusee_avec_une_phrase(fiche, phrase):
    base = fiches.ouvrir()
    with pytest.raises(fiches.FicheRefusee, match=phrase):
        fiches.ajouter(base, fiche)
    assert len(base) == 0


def test_un_reglage_faux_ne_s_ecrit_pas():
    base = fiches.ouvrir()
    fiches.ajouter(base, DOUZE[0])
    with pytest.raises(fiches.FicheRefusee):
        fiches.regler(base, "laser-1", "vitesse", "vite")
    assert fiches.lire(base, "laser-1") == DOUZE[0]


def test_importer_garde_tout_ou_rien(tmp_path):
    base = fiches.ouvrir(tmp_path / "fiches-neuves.json")
    chemin = tmp_path / "lot.json"
    chemin.write_text(json.dumps([*DOUZE, changee(nom="")]), encoding="utf-8")
    with pytest.raises(fiches.FicheRefusee, match="Fiche 13 : Le nom est vide"):
        fiches.importer(base, chemin)
    assert len(base) == 0

    chemin.write_text(json.dumps(DOUZE), encoding="utf-8")
    assert fiches.importer(base, chemin) == 12
    base.close()
    again = fiches.ouvrir(tmp_path / "fiches-neuves.json")
    assert fiches.lire(again, "four-1") == DOUZE[8]


def test_les_machines_a_entretenir():
    base = fiches.ouvrir()
    for fiche in DOUZE:
        fiches.ajouter(base, fiche)
    assert fiches.sans_entretien_depuis(base, "2026-07-07") == ["couture-1", "couture-2", "four-1", "presse-1"]
