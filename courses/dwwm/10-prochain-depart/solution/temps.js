export const JOUR = 1440;
export const SEMAINE = 7;

// Rend les prochains départs, du plus proche au plus lointain, avec leur attente en minutes.
// Le jour va de 0, dimanche, à 6, samedi. La minute se compte depuis minuit.
export function prochains(departs, jour, minute, combien = 3) {
  const attentes = departs.flatMap((depart) =>
    depart.jours.map((roule) => {
      const ecart = ((roule - jour + SEMAINE) % SEMAINE) * JOUR + depart.minute - minute;
      return { ...depart, attente: ecart < 0 ? ecart + SEMAINE * JOUR : ecart };
    }),
  );
  return attentes.toSorted((a, b) => a.attente - b.attente).slice(0, combien);
}

// 1438 devient « 23 h 58 ».
export function heure(minute) {
  return Math.floor(minute / 60) + " h " + String(minute % 60).padStart(2, "0");
}

// Une durée en mots, pour une attente ou pour un âge.
export function duree(minutes) {
  if (minutes < 1) return "moins d'une minute";
  if (minutes < 60) return minutes + (minutes === 1 ? " minute" : " minutes");
  const heures = Math.floor(minutes / 60);
  if (heures < 24) return heures + (heures === 1 ? " heure" : " heures");
  const jours = Math.floor(heures / 24);
  return jours + (jours === 1 ? " jour" : " jours");
}
