// What is written with no network waits on this phone, and goes into its draft when the network is back.
(() => {
"use strict";
const words = document.currentScript.dataset;
const all = (selector, inside) => Array.from(inside.querySelectorAll(selector));
const WAITS = "later ";
const stored = (action) => {
  try {
    return action(localStorage);
  } catch (refused) {
    return null;
  }
};
const waiting = () => (stored((kept) => Object.keys(kept).filter((name) => name.startsWith(WAITS))
  .map((name) => JSON.parse(kept.getItem(name)))) || []).filter((one) => one.who === words.who)
  .sort((one, other) => one.at - other.at);
const put = (one) => stored((kept) => kept.setItem(WAITS + one.url, JSON.stringify(one)) || true);
const drop = (one) => stored((kept) => Object.keys(kept)
  .filter((name) => name === WAITS + one.url || name.startsWith("draft " + one.url + " "))
  .forEach((name) => kept.removeItem(name)));

// The answers of a form, as they are now or as the page came.
const isTicked = (one) => /radio|checkbox/.test(one.type);
const values = (form, came) => all("input,textarea,select", form)
  .filter((one) => one.name && !/hidden|file|submit|button/.test(one.type))
  .filter((one) => !isTicked(one) || (came ? one.defaultChecked : one.checked))
  .map((one) => [one.name, !came || isTicked(one) ? one.value : one.options
    ? (one.querySelector("option[selected]") || one.options[0] || one).value : one.defaultValue])
  .map(([name, value]) => [name, value.replace(/\r/g, "").trim()]).filter(([, value]) => value);
const same = (some, others) => JSON.stringify(some) === JSON.stringify(others);
const formAt = async (url) => {
  const page = await fetch(url, { cache: "no-store" });
  if (page.status >= 500 || page.redirected) throw page;
  return new DOMParser().parseFromString(await page.text(), "text/html").querySelector("main [data-later]");
};

const tell = (text, kind) => {
  const note = document.createElement("p");
  note.className = "note note--" + kind;
  note.setAttribute("role", "status");
  document.querySelector("main .wrap").prepend(note);
  setTimeout(() => (note.textContent = text), 99);
};

const send = async (one) => {
  let form = await formAt(one.url);
  const theirs = form && values(form, true);
  if (form && form.dataset.later !== "done" && !same(theirs, one.typed)) {
    if (!one.isChosen && !same(theirs, one.base)) {
      return put(Object.assign(one, { theirs })) && tell(words.twice, "warn");
    }
    const body = new FormData(form);
    values(form, true).concat(one.typed).forEach(([name]) => body.delete(name));
    one.typed.forEach(([name, value]) => body.append(name, value));
    body.set("keep", Date.now());
    const answer = await fetch(one.url, { method: "POST", body });
    if (answer.status >= 500 || answer.status === 401) throw answer;
    form = answer.redirected ? form : await formAt(one.url);
    if (!answer.redirected && (!form || !same(values(form, true), one.typed))) form = null;
  }
  // Closed in the meantime, or refused: it stays here to be read and copied.
  if (!form) return put(Object.assign(one, { theirs: [] })) && tell(words.twice, "warn");
  drop(one);
  tell(words.gone.replace("{title}", one.title), "good");
};

let busy = false;
const flush = async () => {
  const ready = waiting().filter((one) => !one.theirs || one.isChosen);
  if (busy || !ready.length || navigator.onLine === false) return;
  busy = true;
  try {
    for (const one of ready) await send(one);
  } catch (cut) {
    // It is tried again; whoever is not signed in any more is told so, and it leaves from the next page.
    if (/sign-in/.test(cut.url)) return tell(words.over, "warn");
  }
  busy = false;
  document.dispatchEvent(new Event("later"));
};
window.later = { waiting, flush, put, drop, words };

const kept = document.documentElement.dataset.kept;
if (kept && words.kept) {
  const day = new Date(kept).toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
  tell(words.kept.replace("{day}", day), "warn");
}
all("form[data-later]", document).forEach((form) => {
  const base = values(form, true);
  const url = location.pathname + location.search;
  const one = waiting().find((found) => found.url === url);
  (one ? one.typed : []).forEach(([name, value]) => all('[name="' + name + '"]', form).forEach((field) => {
    if (isTicked(field)) field.checked = field.value === value;
    else field.value = value;
  }));
  form.addEventListener("submit", (event) => {
    if (!words.who || (navigator.onLine !== false && !kept)) return;
    const typed = !form.dataset.act ? values(form) : one ? one.typed : [["at", Date.now()]];
    if (!put({ who: words.who, at: Date.now(), url, title: document.querySelector("h1").textContent.trim(), typed, base: one ? one.base : base })) return;
    event.preventDefault();
    event.stopPropagation();
    if (form.dataset.later) return location.assign(form.dataset.later);
    const files = all("input[type=file]", form).some((field) => field.files.length);
    tell(words.later + (files ? " " + words.files : ""), "warn");
    scrollTo(0, 0);
    flush();
  });
});
if (words.who) {
  flush();
  addEventListener("online", flush);
  setInterval(flush, 5000);
}

// A page says what else to keep with it: the worker fetches that, while the person reads.
if (words.who && navigator.serviceWorker && window.caches) {
  const worker = navigator.serviceWorker;
  worker.register("/sw.js").catch(() => {});
  if (document.querySelector("[data-keep]") && !kept) {
    addEventListener("load", () => worker.ready.then((ready) => ready.active.postMessage([words.who, location.pathname])));
  }
}

// Once somebody has left, nothing stays: the worker has erased the pages.
if (location.pathname === "/sign-in" && /out=1/.test(location.search)) {
  stored((all) => all.clear());
  indexedDB.deleteDatabase("popschool-field");
}
})();
