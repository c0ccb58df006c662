// Le dernier mot cherché est rappelé dans la page : #mot=canal
function annoncer(element, mot) {
  element.textContent = "Dernière recherche : " + mot;
}

function motDeLAdresse(adresse) {
  const place = adresse.indexOf("#mot=");
  if (place < 0) return "";
  try {
    return decodeURIComponent(adresse.slice(place + 5));
  } catch {
    return ""; // An address cut in the middle of a letter is no word.
  }
}

function garderLeMot() {
  location.hash = "mot=" + encodeURIComponent(document.querySelector("#mot").value);
}

const bouton = document.querySelector("[role=search] button");
if (bouton) bouton.addEventListener("click", garderLeMot);

const annonce = document.querySelector("#annonce");
if (annonce && motDeLAdresse(location.href)) {
  annoncer(annonce, motDeLAdresse(location.href));
}
