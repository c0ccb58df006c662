import { nettoyer } from "./donnees.js";
import { duree, heure, prochains } from "./temps.js";

const DIMANCHE = 0, LUNDI = 1, SAMEDI = 6;
const departs = [
  { ligne: "4", vers: "Gare", minute: 1435, jours: [1, 2, 3, 4, 5, 6] },
  { ligne: "4", vers: "Gare", minute: 10, jours: [0, 6] },
];
const attentes = (jour, minute) => prochains(departs, jour, minute).map((un) => un.attente);

verifie("samedi 23 h 54 : dans une minute", attentes(SAMEDI, 1434)[0], 1);
verifie("samedi 23 h 56 : dimanche à 0 h 10", attentes(SAMEDI, 1436)[0], 14);
verifie("dimanche 0 h 10 : maintenant", attentes(DIMANCHE, 10)[0], 0);
verifie("dimanche 0 h 11 : lundi à 23 h 55", attentes(DIMANCHE, 11)[0], 1440 + 1424);
verifie("lundi 23 h 58 : mardi à 23 h 55", attentes(LUNDI, 1438)[0], 1437);
verifie("un seul départ par semaine, juste raté", prochains([{ minute: 60, jours: [1] }], 1, 61)[0].attente, 10079);
verifie("aucun départ", prochains([], LUNDI, 600), []);
verifie("l'heure en mots", [heure(0), heure(65), heure(1438)], ["0 h 00", "1 h 05", "23 h 58"]);
verifie("une durée en mots", [0, 1, 59, 60, 1440, 2880].map(duree), ["moins d'une minute", "1 minute", "59 minutes", "1 heure", "1 jour", "2 jours"]);
verifie("un mauvais départ s'en va", nettoyer({ arrets: [{ arret: "A", departs: [{ minute: "9 h" }] }] }), [{ arret: "A", departs: [] }]);
refuse("autre chose que des horaires", () => nettoyer([1, 2]));

bilan();
