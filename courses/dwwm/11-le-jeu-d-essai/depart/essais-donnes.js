// Les essais de la version simple. Chaque règle a les siens.
verifie("règle 1 : le laser coûte 29 centimes la minute", prix("laser", 30, ""), 870);
verifie("règle 2 : 9 minutes comptent comme 10", prix("imprimante", 9, ""), 50);
verifie("règle 2 : 10 minutes comptent 10", prix("imprimante", 10, ""), 50);
verifie("règle 3 : la minute 60 est au prix plein", prix("brodeuse", 60, ""), 720);
verifie("règle 4 : « oui » donne la réduction", prix("brodeuse", 50, "oui"), 480);
verifie("règle 4 : « non » ne donne pas la réduction", prix("brodeuse", 50, "non"), 600);
verifie("règle 5 : la réduction d'abord, le plafond ensuite", prix("laser", 300, "oui"), 4000);
