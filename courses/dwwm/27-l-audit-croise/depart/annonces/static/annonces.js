const cherche = document.querySelector("#cherche");
const compte = document.querySelector("#compte");

cherche.addEventListener("keyup", () => {
  let combien = 0;
  for (const annonce of document.querySelectorAll(".annonce")) {
    const visible = annonce.dataset.titre.includes(cherche.value);
    annonce.style.display = visible ? "" : "none";
    if (visible) combien += 1;
  }
  compte.innerHTML = combien + " annonces pour " + cherche.value;
});
