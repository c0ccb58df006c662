// À vous : affichez un plat, puis tous les plats.
