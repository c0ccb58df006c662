-- 1. A weight of zero weighs nothing.
INSERT INTO pesee VALUES (2, 1, 0);
-- 2. This drop-off does not exist.
INSERT INTO pesee VALUES (99, 1, 500);
-- 3. An object is sold once.
INSERT INTO ligne_vente VALUES (2, 1, 800);
-- 4. A price with a comma is not a number of cents.
INSERT INTO objet VALUES (8, 'R-008', 'lampe', 1, 1, '4,50');
-- 5. 30 February does not exist.
INSERT INTO depot VALUES (7, 107, '2026-02-30', 'Valombre', NULL);
-- 6. Nobody pays in seeds.
INSERT INTO vente VALUES (6, 506, '2026-02-22 10:00', 'graines');
-- 7. Not a date at all: "=" would let it in, "IS" does not.
INSERT INTO depot VALUES (7, 107, 'hier', 'Valombre', NULL);
-- 8. The same category twice in one drop-off.
INSERT INTO pesee VALUES (1, 1, 100);
-- 9. No books were weighed in drop-off 101.
INSERT INTO objet VALUES (8, 'R-008', 'atlas', 1, 3, 200);
