// Un exemple fini, à lire et à lancer. Le vôtre s'écrit dans page.js.
const euros = new Intl.NumberFormat("fr-FR", { style: "currency", currency: "EUR" });
document.querySelector("#menu").append(...plats.map((plat) => {
  const ligne = document.createElement("li");
  ligne.textContent = plat.nom + " : " + euros.format(plat.prix / 100);
  return ligne;
}));
