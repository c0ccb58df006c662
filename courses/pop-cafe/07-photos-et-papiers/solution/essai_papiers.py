"""Les vingt papiers d'exercice : des noms qui ne disent rien, deux doubles, et personne de nommé."""

from collections import Counter


def papiers(depart):
    return {fichier.name: fichier.read_text() for fichier in (depart / "papiers").glob("*.txt")}


def test_il_y_a_vingt_papiers_et_deux_doubles(depart):
    contenus = Counter(papiers(depart).values())

    assert contenus.total() == 20
    assert sorted(texte.split(".")[0] for texte, fois in contenus.items() if fois == 2) == [
        "Facture d'eau",
        "PHOTO : le pique-nique au bord du canal, juin 2026",
    ]


def test_les_noms_ne_disent_pas_ce_que_contient_le_papier(depart):
    for nom, texte in papiers(depart).items():
        mots = {mot.strip(".,:").lower() for mot in texte.split() if len(mot) > 4}
        assert not any(mot in nom.lower() for mot in mots), nom


def test_personne_n_est_nomme(depart):
    assert not any(mot in texte for texte in papiers(depart).values() for mot in ("Madame", "Monsieur", "M. ", "Mme"))
