// Du confort par-dessus un formulaire qui marche déjà. Sans ce fichier, rien ne manque.

const BROUILLON = "foulees-brouillon";
const ATTENTE = "foulees-attente";
const CHAMPS = ["dossard", "distance"];

const formulaire = document.querySelector("form");
const etat = document.querySelector("#etat");
const zoneLocale = document.querySelector("#local");

// Le téléphone peut refuser de garder : navigation privée, mémoire pleine. On continue alors sans.
function garder(cle, valeur) {
  try {
    if (valeur === null) localStorage.removeItem(cle);
    else localStorage.setItem(cle, JSON.stringify(valeur));
  } catch {
    return false;
  }
  montrerLocal();
  return true;
}

function relire(cle) {
  try {
    return JSON.parse(localStorage.getItem(cle));
  } catch {
    return null;
  }
}

function montrerLocal() {
  zoneLocale.hidden = !relire(BROUILLON) && !relire(ATTENTE);
}

function dire(phrase) {
  etat.textContent = phrase;
}

function montrerErreurs(erreurs) {
  for (const nom of CHAMPS) {
    document.querySelector(`#erreur-${nom}`).textContent = erreurs[nom] ?? "";
    for (const champ of formulaire.querySelectorAll(`[name=${nom}]`)) {
      if (erreurs[nom]) champ.setAttribute("aria-invalid", "true");
      else champ.removeAttribute("aria-invalid");
    }
  }
  dire(erreurs.envoi ?? "");
  const premier = CHAMPS.find((nom) => erreurs[nom]);
  if (premier) formulaire.querySelector(`[name=${premier}]`).focus();
}

function lireFormulaire() {
  return Object.fromEntries(new FormData(formulaire));
}

// Rend "fait", "refus" ou "coupe". Le numéro d'envoi rend la répétition sans danger.
async function envoyer(valeurs) {
  let reponse;
  try {
    reponse = await fetch("/", {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(valeurs),
      signal: AbortSignal.timeout(10000),
    });
    if (reponse.status >= 500) return "coupe";
    const corps = await reponse.json();
    if (!reponse.ok) {
      garder(ATTENTE, null);
      montrerErreurs(corps.erreurs);
      return "refus";
    }
    garder(ATTENTE, null);
    garder(BROUILLON, null);
    montrerErreurs({});
    dire(corps.message);
    etat.focus();
    return "fait";
  } catch {
    return "coupe";
  }
}

let minuterie = 0;
let enCours = false;

async function vider() {
  const valeurs = relire(ATTENTE);
  if (!valeurs || enCours) return;
  enCours = true;
  clearTimeout(minuterie);
  const resultat = await envoyer(valeurs);
  enCours = false;
  if (resultat === "coupe") minuterie = setTimeout(vider, Number(formulaire.dataset.attente) * 1000);
  else if (resultat === "fait") nouveauNumero();
}

// Après un envoi réussi, le formulaire suivant est un autre envoi.
function nouveauNumero() {
  const octets = crypto.getRandomValues(new Uint8Array(16));
  formulaire.elements.envoi.value = Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
  formulaire.elements.dossard.value = "";
  for (const choix of formulaire.elements.distance) choix.checked = false;
}

formulaire.addEventListener("input", () => garder(BROUILLON, lireFormulaire()));

formulaire.addEventListener("submit", async (evenement) => {
  evenement.preventDefault();
  if (enCours) return;
  const valeurs = lireFormulaire();
  enCours = true;
  dire("Envoi en cours…");
  const resultat = await envoyer(valeurs);
  enCours = false;
  if (resultat === "fait") nouveauNumero();
  if (resultat !== "coupe") return;
  if (garder(ATTENTE, valeurs)) {
    dire("Pas de réseau. Votre inscription est gardée sur ce téléphone. Elle partira dès que possible.");
    minuterie = setTimeout(vider, Number(formulaire.dataset.attente) * 1000);
  } else {
    dire("Pas de réseau, et ce téléphone ne peut rien garder. Réessayez plus tard.");
  }
});

document.querySelector("#effacer").addEventListener("click", () => {
  clearTimeout(minuterie);
  garder(BROUILLON, null);
  garder(ATTENTE, null);
  nouveauNumero();
  dire("C'est effacé de ce téléphone.");
  etat.focus();
});

window.addEventListener("online", vider);

const brouillon = relire(ATTENTE) ?? relire(BROUILLON);
if (brouillon) {
  for (const [nom, valeur] of Object.entries(brouillon)) {
    if (formulaire.elements[nom]) formulaire.elements[nom].value = valeur;
  }
}
montrerLocal();
vider();
