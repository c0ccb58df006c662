"""Compte les requêtes d'une page. À poser sur la connexion : base.set_trace_callback(compteur)."""


class Compteur:
    """Retient chaque requête qui lit ou écrit. Les BEGIN et COMMIT ne comptent pas."""

    def __init__(self):
        self.requetes = []

    def __call__(self, sql):
        if sql.lstrip().split(" ")[0].upper() in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"):
            self.requetes.append(" ".join(sql.split()))

    @property
    def nombre(self):
        return len(self.requetes)
