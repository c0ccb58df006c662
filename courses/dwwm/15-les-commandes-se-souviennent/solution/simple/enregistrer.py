"""Trois trous à remplir, marqués ____ ; puis copiez la fonction dans commandes.py."""


def enregistrer(base, nom, retrait_le, heure, quantites):
    """Garde une commande et ses lignes, ensemble. Rend son numéro."""
    with ____:
        commande = base.execute(
            "INSERT INTO commande (nom, retrait_le, heure) VALUES (?, ?, ?)", (nom, ____, heure)
        )
        for produit_id, quantite in quantites.items():
            base.execute(
                "INSERT INTO ligne (commande_id, produit_id, quantite, centimes)"
                " SELECT ?, id, ?, centimes FROM produit WHERE id = ?",
                (commande.lastrowid, quantite, ____),
            )
    return commande.lastrowid
