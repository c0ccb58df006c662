CREATE TABLE objet (
  id INTEGER PRIMARY KEY,
  nom TEXT NOT NULL CHECK (nom <> ''),
  rayon TEXT NOT NULL
) STRICT;

CREATE TABLE pret (
  id INTEGER PRIMARY KEY,
  objet_id INTEGER NOT NULL REFERENCES objet (id),
  sorti_le TEXT NOT NULL,
  rendu_le TEXT
) STRICT;

-- Un objet sorti ne sort pas deux fois : la base elle-même le refuse.
CREATE UNIQUE INDEX un_seul_pret_ouvert ON pret (objet_id) WHERE rendu_le IS NULL;

INSERT INTO objet (nom, rayon) VALUES
  ('Perceuse', 'bricolage'),
  ('Échelle de trois mètres', 'bricolage'),
  ('Machine à coudre', 'couture'),
  ('Appareil à raclette', 'cuisine');
