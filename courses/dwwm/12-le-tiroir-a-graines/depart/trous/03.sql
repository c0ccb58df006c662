-- 3. Les lots récoltés en 2018 dans le tiroir B, par numéro.
SELECT id, sachets
FROM lot
WHERE recolte = 2018 AND ____ = 'B'
ORDER BY id;
