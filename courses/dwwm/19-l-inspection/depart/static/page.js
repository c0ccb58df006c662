// Le dernier mot cherché est rappelé dans la page : #mot=canal
function annoncer(element, mot) {
  element.innerHTML = "Dernière recherche : " + mot;
}

function motDeLAdresse(adresse) {
  const place = adresse.indexOf("#mot=");
  return place < 0 ? "" : decodeURIComponent(adresse.slice(place + 5));
}

function garderLeMot() {
  location.hash = "mot=" + encodeURIComponent(document.querySelector("#mot").value);
}

const annonce = document.querySelector("#annonce");
if (annonce && motDeLAdresse(location.href)) {
  annoncer(annonce, motDeLAdresse(location.href));
}
