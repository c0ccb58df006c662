CREATE TABLE produit (
  id INTEGER PRIMARY KEY,
  nom TEXT NOT NULL UNIQUE,
  centimes INTEGER NOT NULL CHECK (centimes > 0)
) STRICT;

CREATE TABLE commande (
  id INTEGER PRIMARY KEY,
  nom TEXT NOT NULL, -- personnel : effacé après le jour de retrait
  retrait_le TEXT NOT NULL CHECK (retrait_le IS date(retrait_le, '+0 days')),
  heure TEXT NOT NULL CHECK (heure IN ('8 h', '12 h', '17 h'))
) STRICT;

CREATE TABLE ligne (
  commande_id INTEGER NOT NULL REFERENCES commande (id) ON DELETE CASCADE,
  produit_id INTEGER NOT NULL REFERENCES produit (id),
  quantite INTEGER NOT NULL CHECK (quantite BETWEEN 1 AND 20),
  centimes INTEGER NOT NULL CHECK (centimes > 0), -- le prix du jour de la commande
  PRIMARY KEY (commande_id, produit_id)
) STRICT;

CREATE INDEX commande_par_jour ON commande (retrait_le);

INSERT INTO produit (id, nom, centimes) VALUES
  (1, 'Baguette', 110), (2, 'Pain de seigle', 340), (3, 'Brioche', 520);
