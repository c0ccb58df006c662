-- L'atelier de La Roue Libre. Une ligne par place : donner une place, c'est remplir une case vide.

CREATE TABLE creneau (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  debut timestamptz NOT NULL UNIQUE
);

CREATE TABLE place (
  creneau_id integer NOT NULL REFERENCES creneau (id) ON DELETE CASCADE,
  numero integer NOT NULL CHECK (numero BETWEEN 1 AND 20),
  carte integer CHECK (carte BETWEEN 1 AND 9999),
  PRIMARY KEY (creneau_id, numero),
  UNIQUE (creneau_id, carte)  -- une carte, une place : les cases vides ne comptent pas
);

CREATE TABLE piece (
  nom text NOT NULL,
  taille text NOT NULL DEFAULT '',
  quantite integer NOT NULL CHECK (quantite >= 0),
  compte_le date NOT NULL,
  PRIMARY KEY (nom, taille)
);
