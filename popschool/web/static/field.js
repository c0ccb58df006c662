// A half-day with no network: signatures and marks are kept on this device, in their order, and sent when it comes back.
(() => {
"use strict";
const words = document.currentScript.dataset;
const list = document.getElementById("people");
const status = document.getElementById("kept");
const half = list.dataset.halfDay;
const STORE = "acts";

const opened = new Promise((resolve, reject) => {
  const asked = indexedDB.open("popschool-field", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "sequence", autoIncrement: true });
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});
const store = async (mode, action) => {
  const database = await opened;
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, mode);
    const asked = action(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(asked.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
};
const acts = async () => (await store("readonly", (kept) => kept.getAll())).filter((act) => act.half === half);

const named = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const row = (person) => list.querySelector('[data-person="' + person + '"]');
const said = (person, text, kind) => {
  const tag = row(person) && row(person).querySelector("[data-state]");
  if (!tag) return;
  tag.textContent = text;
  tag.className = "tag" + (kind ? " tag--" + kind : "");
};
const close = (person) => {
  const opened = row(person) && row(person).querySelector("details");
  if (opened) opened.open = false;
};

// A device that has a network often cannot reach the school all the same: what was tried last says more.
let reached = true;
let idle = navigator.serviceWorker && words.who ? words.preparing : words.unkept;
const show = async () => {
  const waiting = await acts();
  for (const act of waiting) {
    if (act.refused) said(act.person, act.refused, "bad");
    else said(act.person, act.label + " · " + words.kept, "none");
  }
  const count = waiting.filter((act) => !act.refused).length;
  const going = reached && navigator.onLine;
  status.textContent = count ? named(going ? words.sending : words.waiting, { count }) : idle;
};

const record = async (form, button) => {
  const person = form.dataset.for;
  const late = form.querySelector("input[type=number]");
  const act = {
    half, person, key: crypto.randomUUID ? crypto.randomUUID() : Date.now() + "-" + Math.random().toString(16).slice(2),
    kind: button.value, label: button.dataset.label, at: Date.now(), minutes: late ? Number(late.value) || 0 : 0,
  };
  await store("readwrite", (kept) => kept.add(act));
  close(person);
  await show();
  await send();
};

// Each act goes with its key, and the server takes a key once: what may have arrived is sent again without fear.
const PATIENCE = 30000;
const post = async (body) => {
  const patience = new AbortController();
  const end = setTimeout(() => patience.abort(), PATIENCE);
  try {
    return await fetch(list.dataset.send, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": list.dataset.token },
      body: JSON.stringify(body),
      signal: patience.signal,
    });
  } finally {
    clearTimeout(end);
  }
};
const heard = async (act, result) => {
  if (result.done) {
    await store("readwrite", (kept) => kept.delete(act.sequence));
    said(act.person, act.label + " · " + words.sent, "good");
  } else {
    await store("readwrite", (kept) => kept.put(Object.assign(act, { refused: result.why })));
  }
};

// Sends everything that waits.
const round = async () => {
  const waiting = (await acts()).filter((act) => !act.refused);
  if (!waiting.length) return;
  const answer = await post({ now: Date.now(), acts: waiting });
  if (answer.status >= 500 || answer.status === 408 || answer.status === 429) throw new Error("not now");
  reached = true;
  if (!answer.ok || answer.redirected) {
    status.textContent = words.signin;
    return;
  }
  const results = await answer.json();
  for (const act of waiting) {
    if (results[act.key]) await heard(act, results[act.key]);
  }
  await show();
};

let sending = false;
let more = false;
const send = async () => {
  more = true;
  if (sending || !navigator.onLine) return;
  sending = true;
  try {
    while (more) {
      more = false;
      await round();
    }
  } catch (cut) {
    reached = false;
    await show();
  } finally {
    sending = false;
  }
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.for) return;
  event.preventDefault();
  const button = event.submitter || form.querySelector("button");
  record(form, button).catch(() => said(form.dataset.for, words.full, "bad"));
});
list.addEventListener("click", (event) => {
  if (!event.target.closest("[data-forget]")) return;
  const person = event.target.closest("[data-person]").dataset.person;
  acts().then((all) => Promise.all(all.filter((act) => act.person === person && act.refused)
    .map((act) => store("readwrite", (kept) => kept.delete(act.sequence))))).then(() => location.reload());
});
addEventListener("online", send);
addEventListener("offline", show);
setInterval(send, 5000);
if (navigator.serviceWorker && words.who) {
  navigator.serviceWorker.register("/sw.js").then(() => navigator.serviceWorker.ready).then((worker) => {
    const ready = () => fetch(location.href, { credentials: "same-origin" })
      .then(() => Promise.all(Array.from(document.querySelectorAll("link[rel=stylesheet],script[src]"))
        .map((one) => fetch(one.href || one.src))))
      .then(() => {
        idle = words.nothing;
        return show();
      }, () => {});
    if (navigator.serviceWorker.controller) ready();
    else navigator.serviceWorker.addEventListener("controllerchange", ready);
    return worker;
  });
}
// Opened by what an earlier visit kept, it says so even where nothing answers.
const earlier = window.caches ? caches.match(location.href, { ignoreVary: true }) : Promise.resolve();
earlier.then((page) => { if (page) idle = words.nothing; }, () => {}).then(show).then(send);
})();
