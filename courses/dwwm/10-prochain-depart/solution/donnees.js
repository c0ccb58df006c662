import { JOUR, SEMAINE } from "./temps.js";

const CARNET = "petit-reseau";
const PATIENCE = 8000;

function estDepart(un) {
  return (
    typeof un?.ligne === "string" &&
    typeof un.vers === "string" &&
    Number.isInteger(un.minute) && un.minute >= 0 && un.minute < JOUR &&
    Array.isArray(un.jours) && un.jours.every((jour) => Number.isInteger(jour) && jour >= 0 && jour < SEMAINE)
  );
}

// Garde les bons départs. Un départ faux ne vide pas la page.
export function nettoyer(donnees) {
  if (!Array.isArray(donnees?.arrets)) throw new Error("Ce ne sont pas des horaires.");
  return donnees.arrets
    .filter((un) => typeof un?.arret === "string" && Array.isArray(un.departs))
    .map((un) => ({ arret: un.arret, departs: un.departs.filter(estDepart) }));
}

// Demande les horaires. La promesse rate si rien ne répond, ou si la réponse est mauvaise.
export async function demander(adresse) {
  const reponse = await fetch(adresse, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
  if (!reponse.ok) throw new Error("Le serveur répond " + reponse.status);
  return nettoyer(await reponse.json());
}

// Le carnet du navigateur peut manquer, être plein, ou contenir n'importe quoi.
export function garder(arrets, recu) {
  try {
    localStorage.setItem(CARNET, JSON.stringify({ recu, arrets }));
  } catch {
    // Rien de gardé : la page marche encore tant qu'elle est ouverte.
  }
}

export function enGarde() {
  try {
    const { recu, arrets } = JSON.parse(localStorage.getItem(CARNET));
    return Number.isFinite(recu) ? { recu, arrets: nettoyer({ arrets }) } : null;
  } catch {
    return null;
  }
}

export function oublier() {
  try {
    localStorage.removeItem(CARNET);
  } catch {
    // Pas de carnet : rien à effacer.
  }
}
