CREATE TABLE IF NOT EXISTS inscription (
  id INTEGER PRIMARY KEY,
  envoi TEXT NOT NULL UNIQUE CHECK (length(envoi) BETWEEN 16 AND 64),
  sortie TEXT NOT NULL,
  dossard INTEGER NOT NULL CHECK (dossard BETWEEN 1 AND 999),
  distance INTEGER NOT NULL CHECK (distance IN (5, 10)),
  UNIQUE (sortie, dossard)
) STRICT;
