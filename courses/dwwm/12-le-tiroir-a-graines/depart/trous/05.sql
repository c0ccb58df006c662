-- 5. Combien de lots n'ont pas de mesure de germination ?
SELECT count(*) FROM lot WHERE germination IS ____;
