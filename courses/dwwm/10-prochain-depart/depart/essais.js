import { prochains } from "./temps.js";

const departs = [{ ligne: "4", vers: "Gare", minute: 600, jours: [1] }];

verifie("le bus de 10 heures, à 9 h 50 le lundi", prochains(departs, 1, 590)[0].attente, 10);
// À vous : trois heures qui font peur.

bilan();
