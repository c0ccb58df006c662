-- 15. Combien de lots ne sont jamais sortis ?
SELECT count(*)
FROM lot
LEFT JOIN emprunt ON emprunt.lot_id = lot.id
WHERE emprunt.id IS NULL;
