-- Pour l'historique d'un objet : la requête la plus demandée, mesurée avant et après.
CREATE INDEX IF NOT EXISTS pret_par_objet ON pret (objet_id, sorti_le DESC, id DESC);
