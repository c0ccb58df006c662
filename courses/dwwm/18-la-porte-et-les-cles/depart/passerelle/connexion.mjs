// Ranger et vérifier un mot de passe, avec Node. À lire seulement.
import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";

export function ranger(motDePasse) {
  const sel = randomBytes(16);
  return sel.toString("hex") + ":" + scryptSync(motDePasse, sel, 32).toString("hex");
}

export function verifier(motDePasse, hache) {
  const [sel, attendu] = hache.split(":").map((part) => Buffer.from(part, "hex"));
  return timingSafeEqual(scryptSync(motDePasse, sel, 32), attendu);
}

const hache = ranger("trois chats sur un toit bleu");
console.log(verifier("trois chats sur un toit bleu", hache), verifier("trois chats", hache));
