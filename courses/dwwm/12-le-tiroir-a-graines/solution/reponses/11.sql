-- 11. Combien de sachets par famille ? La plus riche d'abord.
SELECT espece.famille, sum(lot.sachets) AS total
FROM lot
JOIN variete ON variete.id = lot.variete_id
JOIN espece ON espece.id = variete.espece_id
GROUP BY espece.famille
ORDER BY total DESC, espece.famille;
