"""La note corrigée ne dit rien que les sources ne disent, et le brouillon a ses cinq erreurs."""

from verifier import fautes, sources


def test_chaque_phrase_gardee_est_celle_de_sa_source(solution, depart):
    connues = sources((depart / "sources.txt").read_text())

    assert fautes((solution / "note.txt").read_text(), connues) == []


def test_le_brouillon_a_cinq_phrases_sans_source(depart):
    connues = set(sources((depart / "sources.txt").read_text()).values())
    brouillon = (depart / "brouillon.txt").read_text().splitlines()

    assert len([phrase for phrase in brouillon if phrase not in connues]) == 5


def test_une_phrase_changee_d_un_mot_est_vue(solution, depart):
    connues = sources((depart / "sources.txt").read_text())
    note = (solution / "note.txt").read_text().replace("douze", "treize")

    assert fautes(note, connues) == ["Le service a treize vélos. (A1)"]
