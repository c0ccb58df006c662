// Six morceaux. Avant chacun, écrivez sur une feuille ce que la console va dire.
const prix = [12, 4, 30, 8];

// 1
console.log(prix.filter((un) => un < 10));

// 2
console.log(prix.map((un) => un * 2));

// 3
console.log(prix.filter((un) => un > 100).length);

// 4
console.log(prix.filter((un) => un > 5).map((un) => un + " €").join(", "));

// 5
console.log([...prix].sort());

// 6
console.log([...prix].sort((a, b) => a - b));
console.log(prix);
