CREATE TABLE velo (
  id INTEGER PRIMARY KEY,
  plaque TEXT NOT NULL UNIQUE,
  modele TEXT NOT NULL
) STRICT;

CREATE TABLE pret (
  id INTEGER PRIMARY KEY,
  velo_id INTEGER NOT NULL REFERENCES velo (id),
  prete_le TEXT NOT NULL CHECK (prete_le IS date(prete_le, '+0 days')),
  jours INTEGER NOT NULL CHECK (jours > 0),
  telephone TEXT -- personnel : effacé au retour
) STRICT;
