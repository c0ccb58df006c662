// Garde le dossard sur ce téléphone. Il manque quatre mots, à la place des ____.
// Les mots : getItem  removeItem  setItem  value
const CLE = "foulees-brouillon";
const dossard = document.querySelector("#dossard");

// 1. À chaque frappe, on garde.
dossard.addEventListener("input", () => localStorage.____(CLE, dossard.value));

// 2. À l'ouverture, on rend.
const garde = localStorage.____(CLE);
if (garde) dossard.____ = garde;

// 3. Un bouton efface tout.
const bouton = document.createElement("button");
bouton.type = "button";
bouton.textContent = "Effacer ce que ce téléphone garde";
bouton.addEventListener("click", () => {
  localStorage.____(CLE);
  dossard.value = "";
});
document.querySelector("form").append(bouton);
