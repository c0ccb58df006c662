CREATE TABLE variete (id INTEGER PRIMARY KEY, nom TEXT NOT NULL) STRICT;
CREATE TABLE lot (
  id INTEGER PRIMARY KEY,
  variete_id INTEGER NOT NULL REFERENCES variete (id),
  sachets INTEGER NOT NULL
) STRICT;
INSERT INTO variete VALUES (1, 'Marmande'), (2, 'Nantaise'), (3, 'Romaine');
INSERT INTO lot VALUES (10, 1, 5), (11, 2, 8), (12, 1, 2), (13, 2, 1);
