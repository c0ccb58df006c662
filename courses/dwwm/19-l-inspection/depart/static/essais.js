verifie("le mot de l'adresse est lu", motDeLAdresse("http://127.0.0.1:5000/#mot=canal"), "canal");
verifie("une adresse sans mot donne un texte vide", motDeLAdresse("http://127.0.0.1:5000/"), "");
// À vous : un essai de la station 6.
bilan();
