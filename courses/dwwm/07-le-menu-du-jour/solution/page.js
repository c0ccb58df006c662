const euros = new Intl.NumberFormat("fr-FR", { style: "currency", currency: "EUR" });
const liste = document.querySelector("#menu");
const message = document.querySelector("#message");
const sansViande = document.querySelector("#sans-viande");

function afficher() {
  liste.replaceChildren();
  message.textContent = "";
  for (const plat of plats) {
    if (sansViande.checked && plat.viande) continue;
    const ligne = document.createElement("li");
    ligne.textContent = plat.nom + " : " + euros.format(plat.prix / 100);
    liste.append(ligne);
  }
  if (plats.length === 0) {
    message.textContent = "Pas de menu aujourd'hui. Venez pour le café !";
  } else if (liste.children.length === 0) {
    message.textContent = "Tous les plats du jour ont de la viande. Demandez au comptoir !";
  }
}

document.querySelector("#choix").addEventListener("submit", (evenement) => {
  evenement.preventDefault();
  afficher();
});
afficher();
