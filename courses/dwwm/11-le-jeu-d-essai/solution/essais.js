verifie("règle 1 : laser, 30 minutes", prix("laser", 30, "non"), 870);
verifie("règle 1 : brodeuse, 30 minutes", prix("brodeuse", 30, "non"), 360);
verifie("règle 1 : imprimante, 30 minutes", prix("imprimante", 30, "non"), 150);
refuse("règle 1 : une machine inconnue est refusée", () => prix("four", 30, "non"));
verifie("règle 2 : 9 minutes comptent 10", prix("imprimante", 9, "non"), 50);
verifie("règle 2 : 10 minutes comptent 10", prix("imprimante", 10, "non"), 50);
verifie("règle 2 : 11 minutes comptent 11", prix("imprimante", 11, "non"), 55);
verifie("règle 3 : 59 minutes au prix plein", prix("brodeuse", 59, "non"), 708);
verifie("règle 3 : 60 minutes au prix plein", prix("brodeuse", 60, "non"), 720);
verifie("règle 3 : la minute 61 à moitié prix", prix("brodeuse", 61, "non"), 726);
verifie("règle 4 : « oui » donne la réduction", prix("brodeuse", 50, "oui"), 480);
verifie("règle 4 : « non » ne la donne pas", prix("brodeuse", 50, "non"), 600);
verifie("règle 5 : juste sous le plafond", prix("laser", 215, "non"), 3988);
verifie("règle 5 : au plafond", prix("laser", 216, "non"), 4000);
verifie("règle 5 : la réduction d'abord, sous le plafond", prix("laser", 284, "oui"), 3990);
verifie("règle 5 : la réduction d'abord, le plafond ensuite", prix("laser", 300, "oui"), 4000);
refuse("règle 6 : zéro minute", () => prix("laser", 0, "non"));
verifie("règle 6 : une minute est acceptée", prix("laser", 1, "non"), 290);
verifie("règle 6 : 480 minutes sont acceptées", prix("imprimante", 480, "non"), 1350);
refuse("règle 6 : 481 minutes", () => prix("laser", 481, "non"));
refuse("règle 6 : dix minutes et demie", () => prix("laser", 10.5, "non"));
verifie("règle 7 : un demi-centime monte", prix("imprimante", 61, "non"), 303);
verifie("règle 7 : quatre dixièmes descendent", prix("laser", 11, "oui"), 255);
verifie("règle 7 : six dixièmes montent", prix("laser", 12, "oui"), 278);

const recu = document.createElement("p");
globalThis.piege = 0;
ecrireRecu(recu, "<img src=x onerror='globalThis.piege = 1'>", 290);
verifie("un nom avec une balise n'ajoute pas d'image", recu.querySelectorAll("img").length, 0);
verifie("un nom avec une balise se lit tel quel", recu.textContent.includes("<img src=x"), true);

// The stretch: a slow and sure version, minute by minute, on a thousand random cases.
function prixLent(machine, minutes, adherent) {
  let centiemes = 0;
  for (let minute = 1; minute <= Math.max(minutes, 10); minute += 1) {
    const plein = 100 * { laser: 29, brodeuse: 12, imprimante: 5 }[machine];
    centiemes += minute <= 60 ? plein : plein / 2;
  }
  if (adherent === "oui") centiemes -= centiemes / 5;
  return Math.min(Math.round(centiemes / 100), 4000);
}
let ecarts = 0;
for (let tour = 0; tour < 1000; tour += 1) {
  const machine = ["laser", "brodeuse", "imprimante"][Math.floor(Math.random() * 3)];
  const minutes = 1 + Math.floor(Math.random() * 480);
  const adherent = Math.random() < 0.5 ? "oui" : "non";
  if (prix(machine, minutes, adherent) !== prixLent(machine, minutes, adherent)) ecarts += 1;
}
verifie("mille cas au hasard, comparés à la version lente", ecarts, 0);
