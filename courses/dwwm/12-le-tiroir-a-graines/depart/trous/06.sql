-- 6. Les variétés dont le nom contient « noir », de A à Z. Les majuscules ne comptent pas.
SELECT nom FROM variete WHERE nom LIKE '%____%' ORDER BY nom;
