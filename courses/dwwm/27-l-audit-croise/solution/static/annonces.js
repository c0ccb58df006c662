// Du confort : la page cherche déjà sans script. Ici, on filtre ce qui est affiché pendant que l'on tape.
const champ = document.querySelector("#mot");
const compte = document.querySelector("#compte");
const annonces = [...document.querySelectorAll("#annonces > li")];

const simple = (texte) => texte.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

champ.addEventListener("input", () => {
  const mot = simple(champ.value);
  for (const annonce of annonces) annonce.hidden = !simple(annonce.dataset.titre).includes(mot);
  const combien = annonces.filter((annonce) => !annonce.hidden).length;
  // textContent : ce qui est tapé reste du texte.
  compte.textContent = `${combien} sur cette page pour « ${champ.value} ».`;
});
