-- 10. Combien de lots dans chaque tiroir ? De A à Z.
SELECT tiroir, count(*)
FROM lot
GROUP BY tiroir
ORDER BY tiroir;
