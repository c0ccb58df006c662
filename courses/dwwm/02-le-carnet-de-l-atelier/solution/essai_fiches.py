"""La fiche corrigée garde ce que la fiche de départ disait."""


def test_la_fiche_ne_perd_rien(solution, depart):
    avant = (depart / "scie.md").read_text().split("\n")
    apres = (solution / "scie.md").read_text()

    assert [ligne for ligne in avant if ligne.strip() and ligne not in apres] == []
    assert apres.startswith("# ")
