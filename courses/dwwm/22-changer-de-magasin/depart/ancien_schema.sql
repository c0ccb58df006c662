-- L'ancienne base, telle qu'elle est. Elle accepte tout : c'est bien le problème.
CREATE TABLE objet (id INTEGER PRIMARY KEY, reference TEXT, nom TEXT, rayon TEXT, valeur);
CREATE TABLE pret (id INTEGER PRIMARY KEY, objet_id, sorti_le, rendu_le);
