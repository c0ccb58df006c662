-- 8. Les lots du tiroir F qui ont encore des sachets, par numéro.
SELECT lot.id, espece.nom, variete.nom, lot.sachets
FROM lot
JOIN variete ON variete.id = lot.variete_id
JOIN espece ON espece.id = variete.espece_id
WHERE lot.tiroir = 'F' AND lot.sachets > 0
ORDER BY lot.id;
