const rayon = document.querySelector("#rayon");
const formulaire = document.querySelector("#choix");
const nombre = document.querySelector("#nombre");
const objets = [...rayon.children].map((carte) => ({
  nom: carte.querySelector("h2").textContent,
  categorie: carte.dataset.categorie,
  carte,
}));

// Enlève les accents et les majuscules.
function simplifier(texte) {
  return texte.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

// L'objet répond-il au choix ? La première question est prête.
function repond(objet, choix) {
  const memeCategorie = choix.categorie === "" || objet.categorie === choix.categorie;
  // À VOUS : remettez ces morceaux dans l'ordre, et enlevez la ligne « true ».
  //   .includes(   simplifier(objet.nom)   simplifier(choix.mot))
  const bonMot = true;
  return memeCategorie && bonMot;
}

formulaire.hidden = false;
formulaire.addEventListener("submit", (evenement) => {
  evenement.preventDefault();
  const choix = Object.fromEntries(new FormData(formulaire));
  const trouves = objets.filter((objet) => repond(objet, choix));
  rayon.replaceChildren(...trouves.map((objet) => objet.carte));
  nombre.textContent = trouves.length + " sur " + objets.length;
});
