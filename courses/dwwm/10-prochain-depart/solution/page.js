import { demander, enGarde, garder, oublier } from "./donnees.js";
import { duree, heure, prochains } from "./temps.js";

const ADRESSE = document.documentElement.dataset.horaires ?? "horaires.json";
const MINUTE = 60_000;
const TOURS = 5;

const trouver = (id) => document.querySelector("#" + id);
const [formulaire, liste, etat, prochain, suivants, age] =
  ["choix", "arret", "etat", "prochain", "suivants", "age"].map(trouver);
let horaires = enGarde();
let enPause = false;
let tours = 0;

// On n'écrit que si le texte change : la voix ne répète pas.
function dire(element, texte) {
  if (element.textContent !== texte) element.textContent = texte;
}

function montrerArrets() {
  const voulu = new URLSearchParams(location.search).get("arret");
  const noms = horaires.arrets.map((un) => un.arret);
  liste.replaceChildren(...noms.map((nom) => new Option(nom, nom)));
  liste.value = noms.includes(voulu) ? voulu : noms[0];
  formulaire.hidden = noms.length === 0;
}

function montrer() {
  trouver("gestes").hidden = false;
  if (!horaires) return;
  const maintenant = new Date();
  const arret = horaires.arrets.find((un) => un.arret === liste.value);
  const minute = maintenant.getHours() * 60 + maintenant.getMinutes();
  const trois = prochains(arret?.departs ?? [], maintenant.getDay(), minute);
  const enMots = (un) => "ligne " + un.ligne + " vers " + un.vers + ", à " + heure(un.minute);
  dire(prochain, trois.length === 0 ? "Aucun départ prévu à cet arrêt." : "Prochain départ : " + enMots(trois[0]) + ".");
  suivants.replaceChildren(...trois.map((un) => {
    const ligne = document.createElement("li");
    ligne.textContent = enMots(un) + " : dans " + duree(un.attente) + ".";
    return ligne;
  }));
  dire(age, "Horaires reçus il y a " + duree(Math.floor((maintenant - horaires.recu) / MINUTE)) + ".");
}

async function mettreAJour() {
  if (!horaires) dire(etat, "Les horaires arrivent.");
  try {
    const arrets = await demander(ADRESSE);
    horaires = { recu: Date.now(), arrets };
    garder(arrets, horaires.recu);
    dire(etat, "");
  } catch {
    dire(etat, horaires
      ? "Le serveur ne répond pas. Voici les derniers horaires reçus."
      : "Le serveur ne répond pas. Réessayez dans une minute, ou appelez le Petit Réseau.");
  }
  if (horaires) montrerArrets();
  montrer();
}

formulaire.addEventListener("submit", (evenement) => {
  evenement.preventDefault();
  history.pushState(null, "", "?" + new URLSearchParams(new FormData(formulaire)));
  montrer();
});
addEventListener("popstate", () => {
  if (horaires) montrerArrets();
  montrer();
});
trouver("pause").addEventListener("click", (evenement) => {
  enPause = !enPause;
  evenement.currentTarget.textContent = enPause ? "Reprendre la mise à jour" : "Mettre en pause la mise à jour";
});
trouver("effacer").addEventListener("click", () => {
  oublier();
  dire(etat, "Les horaires gardés sur cet appareil sont effacés.");
});
setInterval(() => {
  if (enPause || document.hidden) return;
  tours += 1;
  if (tours % TOURS === 0) mettreAJour();
  else montrer();
}, MINUTE);

if (horaires) montrerArrets();
montrer();
mettreAJour();
