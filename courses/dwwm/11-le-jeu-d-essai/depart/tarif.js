// Le prix d'une séance, en centimes. Les règles sont dans regles.md.
// Ce module contient cinq erreurs.

function prix(machine, minutes, adherent) {
  const euros = { laser: 0.29, brodeuse: 0.12, imprimante: 0.05 };
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > 480) {
    throw new RangeError("La durée va de 1 à 480 minutes.");
  }
  if (minutes < 9) minutes = 10;
  const parMinute = Math.floor(euros[machine] * 100);
  const pleines = Math.min(minutes, 59);
  const reduites = minutes - pleines;
  let total = pleines * parMinute + reduites * parMinute / 2;
  if (total > 4000) total = 4000;
  if (adherent) total = total * 0.8;
  return Math.round(total);
}
