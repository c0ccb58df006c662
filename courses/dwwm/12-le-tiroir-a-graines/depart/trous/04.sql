-- 4. Les dix plus gros lots. À égalité, le plus petit numéro d'abord.
SELECT id, sachets
FROM lot
ORDER BY sachets ____, id
LIMIT ____;
