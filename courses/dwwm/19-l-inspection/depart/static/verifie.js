// Quarante lignes pour vérifier : on écrit ce que l'on attend, la page dit si c'est vrai.
const resultats = [];

function note(nom, juste, detail) {
  resultats.push({ nom, juste, detail });
}

// Compare deux valeurs simples, ou deux listes, ou deux objets.
function verifie(nom, obtenu, attendu) {
  const gauche = JSON.stringify(obtenu);
  const droite = JSON.stringify(attendu);
  note(nom, gauche === droite, "attendu " + droite + ", obtenu " + gauche);
}

// Vérifie qu'une fonction refuse : elle doit lancer une erreur.
function refuse(nom, action) {
  try {
    action();
    note(nom, false, "attendu un refus, obtenu une réponse");
  } catch (erreur) {
    note(nom, true, erreur.message);
  }
}

// Écrit les résultats dans la page, les rouges d'abord.
function bilan() {
  const rouges = resultats.filter((un) => !un.juste);
  const titre = document.createElement("h1");
  titre.id = "bilan";
  titre.textContent = "Essais : " + resultats.length + ", rouges : " + rouges.length;
  const liste = document.createElement("ol");
  for (const un of [...rouges, ...resultats.filter((un) => un.juste)]) {
    const ligne = document.createElement("li");
    ligne.textContent = (un.juste ? "VERT " : "ROUGE ") + un.nom + " (" + un.detail + ")";
    ligne.className = un.juste ? "vert" : "rouge";
    liste.append(ligne);
  }
  document.body.append(titre, liste);
  document.title = titre.textContent;
}
