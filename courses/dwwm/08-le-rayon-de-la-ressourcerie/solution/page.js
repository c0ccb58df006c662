const rayon = document.querySelector("#rayon");
const objets = [...rayon.children].map((carte) => ({
  nom: carte.querySelector("h2").textContent,
  categorie: carte.dataset.categorie,
  prix: Number(carte.dataset.prix),
  carte,
}));
const formulaire = document.querySelector("#choix");
const nombre = document.querySelector("#nombre");

// « Étagère » et « etagere » deviennent le même texte.
function simplifier(texte) {
  return texte.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("œ", "oe");
}

// L'objet répond-il aux deux questions ? Une réponse vide ne filtre rien.
function repond(objet, choix) {
  const memeCategorie = choix.categorie === "" || objet.categorie === choix.categorie;
  return memeCategorie && simplifier(objet.nom).includes(simplifier(choix.mot.trim()));
}

function phrase(combien) {
  if (combien === 0) return "Aucun objet. Essayez un mot plus court, ou toutes les catégories.";
  return combien + (combien === 1 ? " objet" : " objets") + " sur " + objets.length + ".";
}

function montrer(choix) {
  const trouves = objets.filter((objet) => repond(objet, choix));
  rayon.replaceChildren(...trouves.map((objet) => objet.carte));
  nombre.textContent = phrase(trouves.length);
}

// L'adresse dit ce qui est choisi : on la lit au chargement, et à chaque Retour.
function lireAdresse() {
  const reglages = new URLSearchParams(location.search);
  const choix = { mot: reglages.get("mot") ?? "", categorie: reglages.get("categorie") ?? "" };
  formulaire.elements.mot.value = choix.mot;
  formulaire.elements.categorie.value = choix.categorie;
  montrer(choix);
}

formulaire.hidden = false;
formulaire.addEventListener("submit", (evenement) => {
  evenement.preventDefault();
  const choix = Object.fromEntries(new FormData(formulaire));
  history.pushState(null, "", "?" + new URLSearchParams(choix));
  montrer(choix);
});
addEventListener("popstate", lireAdresse);
lireAdresse();
