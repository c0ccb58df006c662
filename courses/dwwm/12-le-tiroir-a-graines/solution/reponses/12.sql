-- 12. La germination moyenne de chaque espèce, arrondie à un chiffre. Seulement les espèces qui ont au moins 25 mesures. De A à Z.
SELECT espece.nom, round(avg(lot.germination), 1)
FROM lot
JOIN variete ON variete.id = lot.variete_id
JOIN espece ON espece.id = variete.espece_id
GROUP BY espece.nom
HAVING count(lot.germination) >= 25
ORDER BY espece.nom;
