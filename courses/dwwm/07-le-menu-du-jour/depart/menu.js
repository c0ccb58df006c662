const plats = [
  { nom: "Soupe de courge", prix: 450 },
  { nom: "Tarte aux poireaux", prix: 700 },
  { nom: "Compote de pommes", prix: 250 },
];
