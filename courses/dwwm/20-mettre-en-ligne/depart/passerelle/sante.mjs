// La même route, avec Node. À lire, pas à rendre.
import { createServer } from "node:http";

const port = Number(process.env.PORT ?? 8001);

const serveur = createServer((requete, reponse) => {
  if (requete.method !== "GET" || requete.url !== "/sante") {
    reponse.writeHead(404, { "Content-Type": "text/plain; charset=utf-8" });
    reponse.end("Cette page n'existe pas.");
    return;
  }
  reponse.writeHead(200, { "Content-Type": "application/json" });
  reponse.end(JSON.stringify({ etat: "bon" }));
});

serveur.listen(port, "127.0.0.1");
