-- 1. Toutes les espèces, de A à Z.
SELECT nom FROM espece ORDER BY nom;
