-- 7. Chaque variété de tomate, de A à Z. La question donne le nom de l'espèce, pas son numéro.
SELECT variete.nom
FROM variete
JOIN espece ON espece.id = variete.____
WHERE espece.nom = '____'
ORDER BY variete.nom;
