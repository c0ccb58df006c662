// Le prix d'une séance, en centimes. Les règles sont dans regles.md.
// All amounts are integers, in cents: no rounding can hide in them.

const CENTIMES_PAR_MINUTE = { laser: 29, brodeuse: 12, imprimante: 5 };
const DUREE_MINIMUM = 10;
const MINUTES_PLEINES = 60;
const PLAFOND = 4000;
const DUREE_MAXIMUM = 480;

function dureeFacturee(minutes) {
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > DUREE_MAXIMUM) {
    throw new RangeError("La durée va de 1 à 480 minutes.");
  }
  return Math.max(minutes, DUREE_MINIMUM);
}

function prix(machine, minutes, adherent) {
  if (!Object.hasOwn(CENTIMES_PAR_MINUTE, machine)) {
    throw new RangeError("Cette machine n'existe pas.");
  }
  const duree = dureeFacturee(minutes);
  const pleines = Math.min(duree, MINUTES_PLEINES);
  const reduites = duree - pleines;
  // A hundred times the price times two: half prices and discounts stay whole numbers until the end.
  const brut = (2 * pleines + reduites) * CENTIMES_PAR_MINUTE[machine];
  const taux = adherent === "oui" ? 80 : 100;
  const net = Math.round((brut * taux) / 200);
  return Math.min(net, PLAFOND);
}
