// La même route, en JavaScript avec Node. Pour la lire : node serveur.mjs
import { createServer } from "node:http";

const produits = { baguette: "Baguette", seigle: "Pain de seigle", brioche: "Brioche" };
const signes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const texte = (valeur) => valeur.replace(/[&<>"']/g, (signe) => signes[signe]);

createServer((demande, reponse) => {
  reponse.setHeader("Content-Type", "text/html; charset=utf-8");
  if (demande.method !== "GET" || demande.url !== "/") {
    reponse.statusCode = 404;
    reponse.end("<p>Cette page n'existe pas.</p>");
    return;
  }
  reponse.end(Object.values(produits).map((nom) => `<li>${texte(nom)}</li>\n`).join(""));
}).listen(Number(process.env.PORT ?? 5002), "127.0.0.1");
