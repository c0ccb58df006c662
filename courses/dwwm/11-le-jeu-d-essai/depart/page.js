// Le reçu : ce que la personne a tapé, et le prix.
function ecrireRecu(recu, projet, centimes) {
  const euros = new Intl.NumberFormat("fr-FR", { style: "currency", currency: "EUR" });
  recu.innerHTML = "Projet " + projet + " : " + euros.format(centimes / 100);
}

const formulaire = document.querySelector("#calcul");
if (formulaire) {
  formulaire.addEventListener("submit", (evenement) => {
    evenement.preventDefault();
    const valeur = (nom) => document.querySelector("#" + nom).value;
    const centimes = prix(valeur("machine"), Number(valeur("minutes")), valeur("adherent"));
    ecrireRecu(document.querySelector("#recu"), valeur("projet"), centimes);
  });
}
