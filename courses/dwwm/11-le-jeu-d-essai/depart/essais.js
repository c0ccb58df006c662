verifie("imprimante, 30 minutes : le prix simple", prix("imprimante", 30, ""), 150);
refuse("la durée zéro est refusée", () => prix("laser", 0, "non"));
