CREATE TABLE objet (
  id INTEGER PRIMARY KEY,
  etiquette TEXT NOT NULL UNIQUE,
  nom TEXT NOT NULL,
  cle TEXT NOT NULL, -- the name as it is searched
  gros INTEGER NOT NULL CHECK (gros IN (0, 1))
) STRICT;
CREATE INDEX objet_par_nom ON objet (cle, id);

CREATE TABLE carte (
  id INTEGER PRIMARY KEY,
  numero INTEGER NOT NULL UNIQUE,
  finit_le TEXT NOT NULL CHECK (finit_le IS date(finit_le, '+0 days'))
) STRICT;

CREATE TABLE emprunt (
  id INTEGER PRIMARY KEY,
  objet_id INTEGER NOT NULL REFERENCES objet (id),
  carte_id INTEGER REFERENCES carte (id), -- erased one year after the return
  sorti_le TEXT NOT NULL CHECK (sorti_le IS date(sorti_le, '+0 days')),
  retour_prevu TEXT NOT NULL CHECK (retour_prevu >= sorti_le),
  rendu_le TEXT CHECK (rendu_le IS NULL OR rendu_le >= sorti_le),
  CHECK (carte_id IS NOT NULL OR rendu_le IS NOT NULL)
) STRICT;
-- The rule that a bug in the program cannot break: an object is out once at a time.
CREATE UNIQUE INDEX un_seul_dehors ON emprunt (objet_id) WHERE rendu_le IS NULL;
CREATE INDEX dehors_par_carte ON emprunt (carte_id) WHERE rendu_le IS NULL;

CREATE TABLE compte (
  id INTEGER PRIMARY KEY,
  identifiant TEXT NOT NULL UNIQUE CHECK (identifiant = lower(identifiant)),
  hache TEXT NOT NULL CHECK (hache LIKE '$argon2id$%'), -- never a password
  role TEXT NOT NULL CHECK (role IN ('adherent', 'benevole', 'bureau')),
  carte_id INTEGER UNIQUE REFERENCES carte (id)
) STRICT;

CREATE TABLE session (
  empreinte TEXT PRIMARY KEY, -- of the cookie: reading the base does not let anybody in
  compte_id INTEGER NOT NULL REFERENCES compte (id) ON DELETE CASCADE,
  finit_a TEXT NOT NULL
) STRICT;

CREATE TABLE echec (
  identifiant TEXT NOT NULL,
  a TEXT NOT NULL -- erased a day later
) STRICT;
CREATE INDEX echec_par_nom ON echec (identifiant, a);
