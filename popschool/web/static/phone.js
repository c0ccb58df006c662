// What this phone keeps: what waits to be sent, and the pages that open with no network.
(() => {
"use strict";
const { waiting, flush, put, drop, words } = window.later;
const PAGES = "pages-2";

// What a trainer marked on the list of a half-day; asking must not make the store where there is none.
const acts = () => new Promise((resolve) => {
  const asked = indexedDB.open("popschool-field");
  asked.onupgradeneeded = () => asked.transaction.abort();
  asked.onerror = (event) => event.preventDefault() || resolve([]);
  asked.onsuccess = () => {
    const found = asked.result.transaction("acts").objectStore("acts").getAll();
    found.onsuccess = () => asked.result.close() || resolve(found.result);
  };
});

// Leaving: what is not sent is said first.
const unsent = document.querySelector("[data-unsent]");
if (unsent) acts().then((found) => {
  const count = found.length + waiting().length;
  unsent.textContent = unsent.dataset.unsent.replace("{count}", count);
  unsent.hidden = !count;
});

const main = document.querySelector("[data-phone]");
if (!main) return;
const said = main.dataset;
const find = (id) => document.getElementById(id);
const made = (kind, text, name) => {
  const one = document.createElement(kind);
  if (text) one.textContent = text;
  if (name) one.className = name;
  return one;
};
const button = (text, act) => {
  const one = made("button", text, "btn btn--2 btn--row");
  one.type = "button";
  one.addEventListener("click", act);
  return one;
};
const readable = (pairs) => pairs.map(([, value]) => value).join(" · ") || said.nothing;

const line = (one) => {
  const item = made("li");
  const link = made("a", one.title, "tap");
  link.href = one.url;
  item.append(link, made("p", new Date(one.at).toLocaleString(document.documentElement.lang)));
  if (!one.theirs || one.isChosen) return item;
  const isSignature = one.typed.some(([name]) => name === "at");
  item.append(made("p", isSignature ? said.unsigned : said.clash, "note note--warn"));
  if (isSignature) {
    item.append(button(said.remove, () => show(drop(one))));
    return item;
  }
  const both = made("dl");
  both.append(made("dt", said.mine), made("dd", readable(one.typed)), made("dt", said.theirs), made("dd", readable(one.theirs)));
  const ways = made("div", "", "acts");
  ways.append(
    button(said.keepMine, () => put(Object.assign(one, { isChosen: true })) && flush().then(show)),
    button(said.keepTheirs, () => show(drop(one))),
  );
  item.append(both, ways);
  return item;
};
const shown = (id, lines) => {
  const list = find(id);
  list.textContent = "";
  lines.forEach((one) => list.append(one));
  list.hidden = !lines.length;
  find("no-" + id).hidden = !!lines.length;
};
const show = async () => {
  const marked = {};
  (await acts()).forEach((act) => (marked[act.half] = (marked[act.half] || 0) + 1));
  shown("waiting", waiting().map(line).concat(Object.keys(marked).map((half) => {
    const item = made("li");
    const link = made("a", said.roster.replace("{count}", marked[half]), "tap");
    link.href = "/half-days/" + half + "/field";
    item.append(link);
    return item;
  })));
  const pages = [];
  const cache = window.caches && await caches.open(PAGES);
  for (const request of cache ? await cache.keys() : []) {
    const kept = await cache.match(request);
    if (!(kept.headers.get("Content-Type") || "").startsWith("text/html")) continue;
    const page = new DOMParser().parseFromString(await kept.text(), "text/html");
    const item = made("li");
    const link = made("a", page.title.split(" – ")[0], "tap");
    link.href = request.url;
    item.append(link);
    pages.push(item);
  }
  shown("pages", pages);
  find("erase").hidden = !pages.length;
};
if (words.who) {
  find("erase").addEventListener("click", () => caches.delete(PAGES).then(show));
  document.addEventListener("later", show);
  show();
}
})();
