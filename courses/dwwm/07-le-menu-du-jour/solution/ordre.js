const liste = document.querySelector("#menu");

// Quatre lignes en ordre.
for (const plat of plats) {
  const ligne = document.createElement("li");
  ligne.textContent = plat.nom + " : " + plat.prix + " centimes";
  liste.append(ligne);
}

// Le jour sans menu.
if (plats.length === 0) {
  document.querySelector("#message").textContent = "Pas de menu aujourd'hui. Venez pour le café !";
}
