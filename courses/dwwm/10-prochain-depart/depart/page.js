// À vous : demandez horaires.json, et montrez les trois états.
