-- Read first, then change, then look, then keep. Three safe changes in one transaction.
BEGIN;
SELECT count(*) FROM lot WHERE tiroir = 'a';
UPDATE lot SET tiroir = 'A' WHERE tiroir = 'a';
SELECT changes();
-- Empty lots that never went out.
SELECT count(*) FROM lot WHERE sachets = 0 AND id NOT IN (SELECT lot_id FROM emprunt);
DELETE FROM lot WHERE sachets = 0 AND id NOT IN (SELECT lot_id FROM emprunt);
SELECT changes();
INSERT INTO lot (variete_id, tiroir, recolte, sachets) VALUES (1, 'A', 2026, 12);
COMMIT;
