-- 1. Toutes les espèces, de A à Z.
SELECT ____ FROM espece ORDER BY nom;
