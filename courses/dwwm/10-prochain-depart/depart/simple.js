// Combien de minutes jusqu'au départ ? On enlève maintenant au départ.
// Si le bus est passé, il repasse demain : on ajoute les minutes d'un jour.
function attente(depart, maintenant) {
  const ecart = ____;
  return ecart < 0 ? ecart + ____ : ecart;
}

verifie("le bus de 7 h, à 6 h 50", attente(420, 410), 10);
verifie("le bus de minuit dix, à 23 h 56", attente(10, 1436), 14);
verifie("le bus part maintenant", attente(600, 600), 0);
bilan();
