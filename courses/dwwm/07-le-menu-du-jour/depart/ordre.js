const liste = document.querySelector("#menu");

// Quatre lignes en désordre.
  liste.append(ligne);
  const ligne = document.createElement("li");
for (const plat of plats) {
  ligne.textContent = plat.nom + " : " + plat.prix + " centimes";
}

// Le jour sans menu.
if (plats.length === 0) {
  document.querySelector("#message").textContent = "Pas de menu aujourd'hui. Venez pour le café !";
}
