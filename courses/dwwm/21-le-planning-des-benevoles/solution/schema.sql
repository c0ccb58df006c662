-- Le planning des Paniers du Canal, sur PostgreSQL.
-- Une bénévole est connue par un code de plante. Le registre papier de l'association dit qui c'est.

CREATE TABLE benevole (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code text NOT NULL UNIQUE CHECK (code ~ '^[a-z]{3,20}$'),
  arrivee date NOT NULL DEFAULT current_date
);

CREATE TABLE creneau (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  titre text NOT NULL CHECK (titre <> ''),
  debut timestamptz NOT NULL,
  fin timestamptz NOT NULL,
  places integer NOT NULL CHECK (places BETWEEN 1 AND 50),
  CONSTRAINT debut_avant_fin CHECK (debut < fin)
);

CREATE TABLE inscription (
  creneau_id integer NOT NULL REFERENCES creneau (id) ON DELETE CASCADE,
  benevole_id integer NOT NULL REFERENCES benevole (id) ON DELETE CASCADE,
  faite_le timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (creneau_id, benevole_id)
);

-- « Mes créneaux » cherche par bénévole : la clé primaire commence par le créneau, elle n'aide pas.
CREATE INDEX inscription_par_benevole ON inscription (benevole_id);
CREATE INDEX creneau_par_debut ON creneau (debut);
