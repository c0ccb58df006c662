const plats = [
  { nom: "Soupe de courge", prix: 450, viande: false },
  { nom: "Tarte aux poireaux", prix: 700, viande: false },
  { nom: "Hachis du marché", prix: 850, viande: true },
  { nom: "Compote de pommes", prix: 250, viande: false },
  { nom: "<Surprise>", prix: 300, viande: false },
];
