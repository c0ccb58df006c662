-- 9. Les variétés qui n'ont aucun lot, de A à Z.
SELECT variete.nom
FROM variete
LEFT JOIN lot ON lot.variete_id = variete.id
WHERE lot.id IS NULL
ORDER BY variete.nom;
