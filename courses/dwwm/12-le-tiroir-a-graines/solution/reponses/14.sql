-- 14. Les emprunts sortis avant avril 2026 et pas encore rendus, par numéro.
SELECT id, sorti_le
FROM emprunt
WHERE sorti_le < '2026-04-01' AND rendu_le IS NULL
ORDER BY id;
