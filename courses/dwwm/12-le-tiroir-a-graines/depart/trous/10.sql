-- 10. Combien de lots dans chaque tiroir ? De A à Z.
SELECT tiroir, count(*)
FROM ____
GROUP BY ____
ORDER BY tiroir;
