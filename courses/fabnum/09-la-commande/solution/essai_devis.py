"""Le devis compte les ratés, et tient dans les six heures de la série avec deux machines."""

from devis import devis


def test_le_devis_compte_la_matiere_des_rates(solution):
    assert devis(solution / "devis.csv") == [("plaque de porte", 14, 112, 1960), ("trophée", 7, 175, 2940)]


def test_la_commande_est_celle_du_client_et_tient_dans_le_temps(solution):
    lignes = devis(solution / "devis.csv")

    demandes = [int(ligne.split(",")[1]) for ligne in (solution / "devis.csv").read_text().splitlines()[1:]]
    assert sum(demandes) == 18
    assert sum(minutes for _, _, minutes, _ in lignes) <= 6 * 60
