INSERT INTO velo (id, plaque, modele) VALUES (1, 'B1', 'ville'), (2, 'B2', 'cargo');
INSERT INTO pret (velo_id, prete_le, jours, telephone) VALUES (2, '2026-03-03', 5, '01 99 00 12 34');
