-- La Remise: drop-offs, weighings, labelled objects, sales. Weights in grams, prices in cents, ISO dates.

CREATE TABLE contact (
  id INTEGER PRIMARY KEY,
  telephone TEXT NOT NULL UNIQUE -- personal: to call back for the van; erased 30 days after the last drop-off
) STRICT;

CREATE TABLE depot (
  id INTEGER PRIMARY KEY,
  numero INTEGER NOT NULL UNIQUE,
  recu_le TEXT NOT NULL CHECK (recu_le IS date(recu_le, '+0 days')),
  commune TEXT NOT NULL,
  contact_id INTEGER REFERENCES contact (id) ON DELETE SET NULL
) STRICT;

CREATE TABLE categorie (
  id INTEGER PRIMARY KEY,
  nom TEXT NOT NULL UNIQUE CHECK (nom = lower(nom))
) STRICT;

CREATE TABLE pesee (
  depot_id INTEGER NOT NULL REFERENCES depot (id),
  categorie_id INTEGER NOT NULL REFERENCES categorie (id),
  grammes INTEGER NOT NULL CHECK (grammes > 0),
  PRIMARY KEY (depot_id, categorie_id)
) STRICT;

CREATE TABLE objet (
  id INTEGER PRIMARY KEY,
  etiquette TEXT NOT NULL UNIQUE CHECK (etiquette GLOB 'R-[0-9][0-9][0-9]'),
  nom TEXT NOT NULL,
  depot_id INTEGER NOT NULL,
  categorie_id INTEGER NOT NULL,
  centimes INTEGER NOT NULL CHECK (centimes >= 0),
  -- An object comes from what was weighed: the pair must exist.
  FOREIGN KEY (depot_id, categorie_id) REFERENCES pesee (depot_id, categorie_id)
) STRICT;

CREATE TABLE vente (
  id INTEGER PRIMARY KEY,
  numero INTEGER NOT NULL UNIQUE,
  vendue_a TEXT NOT NULL CHECK (vendue_a IS strftime('%Y-%m-%d %H:%M', vendue_a, '+0 days')),
  paiement TEXT NOT NULL CHECK (paiement IN ('espèces', 'carte', 'chèque'))
) STRICT;

CREATE TABLE ligne_vente (
  vente_id INTEGER NOT NULL REFERENCES vente (id),
  objet_id INTEGER NOT NULL UNIQUE REFERENCES objet (id), -- sold once
  centimes INTEGER NOT NULL CHECK (centimes >= 0), -- what was paid, which may be less than the label
  PRIMARY KEY (vente_id, objet_id)
) STRICT;
