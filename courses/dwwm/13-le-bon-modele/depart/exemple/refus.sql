-- Un prêt dure au moins un jour.
INSERT INTO pret (velo_id, prete_le, jours) VALUES (1, '2026-03-04', 0);
-- Ce vélo n'existe pas.
INSERT INTO pret (velo_id, prete_le, jours) VALUES (99, '2026-03-04', 2);
