-- 13. Le mois où l'on sème le plus d'espèces. À égalité, le premier de l'année.
SELECT mois_semis, count(*) AS nombre
FROM espece
GROUP BY mois_semis
ORDER BY nombre DESC, mois_semis
LIMIT 1;
