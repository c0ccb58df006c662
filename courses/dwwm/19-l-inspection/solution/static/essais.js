verifie("le mot de l'adresse est lu", motDeLAdresse("http://127.0.0.1:5000/#mot=canal"), "canal");
verifie("une adresse sans mot donne un texte vide", motDeLAdresse("http://127.0.0.1:5000/"), "");
const element = document.createElement("p");
annoncer(element, "<img src=x onerror=alert(1)>");
verifie("station 6 : un mot avec une balise n'ajoute pas d'image", element.querySelectorAll("img").length, 0);
verifie("station 6 : il se lit tel quel", element.textContent.includes("<img src=x"), true);
verifie("une adresse abîmée donne un texte vide", motDeLAdresse("http://127.0.0.1:5000/#mot=%E9"), "");
bilan();
