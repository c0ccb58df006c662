const euros = new Intl.NumberFormat("fr-FR", { style: "currency", currency: "EUR" });
const liste = document.querySelector("#menu");
for (const plat of plats) {
  const ligne = document.createElement("li");
  ligne.textContent = plat.nom + " : " + euros.format(plat.prix / 100);
  liste.append(ligne);
}
if (plats.length === 0) {
  document.querySelector("#message").textContent = "Pas de menu aujourd'hui. Venez pour le café !";
}
