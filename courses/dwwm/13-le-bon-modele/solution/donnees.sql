INSERT INTO contact VALUES (1, '01 99 00 10 01'), (2, '01 99 00 10 03');
INSERT INTO depot VALUES
  (1, 101, '2026-02-03', 'Valombre', 1),
  (2, 102, '2026-02-03', 'Valombre', NULL),
  (3, 103, '2026-02-05', 'Saint-Aubin', 2),
  (4, 104, '2026-02-10', 'Valombre', NULL),
  (5, 105, '2026-02-12', 'Les Ormes', 1),
  (6, 106, '2026-02-12', 'Valombre', NULL);
INSERT INTO categorie VALUES (1, 'petit mobilier'), (2, 'vaisselle'), (3, 'livres'), (4, 'électro'), (5, 'jouets');
INSERT INTO pesee VALUES
  (1, 1, 24500), (1, 2, 6200), (2, 3, 11000), (3, 1, 41000), (3, 4, 17350),
  (4, 2, 3400), (4, 5, 5050), (4, 3, 8000), (5, 1, 12000), (6, 4, 9900);
INSERT INTO objet VALUES
  (1, 'R-001', 'chaise en paille', 1, 1, 800),
  (2, 'R-002', 'chaise en paille', 1, 1, 800),
  (3, 'R-003', 'service de six verres', 1, 2, 450),
  (4, 'R-004', 'table de nuit', 3, 1, 1500),
  (5, 'R-005', 'grille-pain', 3, 4, 600),
  (6, 'R-006', 'jeu de cubes', 4, 5, 300),
  (7, 'R-007', 'lot de dix romans', 4, 3, 500);
INSERT INTO vente VALUES
  (1, 501, '2026-02-14 10:12', 'espèces'),
  (2, 502, '2026-02-14 11:40', 'carte'),
  (3, 503, '2026-02-17 15:05', 'carte'),
  (4, 504, '2026-02-17 15:30', 'chèque'),
  (5, 505, '2026-02-21 09:50', 'espèces');
INSERT INTO ligne_vente VALUES
  (1, 1, 800), (1, 2, 800), (2, 3, 450), (3, 4, 1200), (4, 6, 300), (4, 7, 500), (5, 5, 600);
