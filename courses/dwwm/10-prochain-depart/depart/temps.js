export const JOUR = 1440;
export const SEMAINE = 7;

// Rend les prochains départs, du plus proche au plus lointain, avec leur attente en minutes.
export function prochains(departs, jour, minute, combien = 3) {
  return [];
}
