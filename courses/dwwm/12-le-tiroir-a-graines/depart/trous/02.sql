-- 2. Les espèces que l'on sème en mars (mois 3), de A à Z.
SELECT nom FROM espece WHERE mois_semis = ____ ORDER BY nom;
