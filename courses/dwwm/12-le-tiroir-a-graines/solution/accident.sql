-- The accident: no WHERE. The transaction is still open, so nothing is lost.
BEGIN;
DELETE FROM emprunt;
SELECT count(*) FROM emprunt;
ROLLBACK;
SELECT count(*) FROM emprunt;
