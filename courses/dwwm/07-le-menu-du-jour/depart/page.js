const liste = document.querySelector("#menu");
// À vous : affichez les plats.
