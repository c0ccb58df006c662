// A passkey: the device is asked what the form says, and its answer goes with the form. Whatever fails is sent as empty.
(() => {
"use strict";
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (held) => btoa(String.fromCharCode(...new Uint8Array(held)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const SAID = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
document.querySelectorAll("form[data-passkey]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    if (!navigator.credentials || form.dataset.sent) return;
    event.preventDefault();
    form.dataset.sent = "1";
    const asked = JSON.parse(form.dataset.passkey);
    asked.challenge = bytes(asked.challenge);
    if (asked.user) asked.user.id = bytes(asked.user.id);
    (asked.allowCredentials || asked.excludeCredentials).forEach((one) => (one.id = bytes(one.id)));
    navigator.credentials[asked.user ? "create" : "get"]({ publicKey: asked }).then((made) => {
      const response = {};
      SAID.filter((name) => made.response[name]).forEach((name) => (response[name] = text(made.response[name])));
      form.elements.credential.value = JSON.stringify({ id: made.id, rawId: made.id, type: made.type, response });
    }).catch(() => {}).then(() => form.submit());
  });
});
})();
