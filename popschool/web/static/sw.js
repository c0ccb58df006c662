// Lets the pages of the moment open with no network. Nothing else is kept, and signing out erases it.
"use strict";
const PAGES = "pages-2";
const KEPT = new RegExp("^/(today|phone|reviews|reviews/[^/]+(/criteria/\\d+)?|assignments/\\d+|deliverables/\\d+/submit"
  + "|pages/\\d+|half-days/\\d+/(field|sign))$");

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(Promise.all([
  clients.claim(),
  caches.keys().then((names) => Promise.all(names.filter((name) => name !== PAGES).map((name) => caches.delete(name)))),
])));

// A page of before says so, and when it was kept.
const marked = async (page) => {
  if (!page) return null;
  const when = page.headers.get("Date") || "";
  const text = (await page.text()).replace("<html ", '<html data-kept="' + when + '" ');
  return new Response(text, { headers: page.headers });
};

// A server that answers that it cannot is no better than none, nor is one that keeps the page waiting.
const PATIENCE = 4000;
const fresh = async (request) => {
  const cache = await caches.open(PAGES);
  const kept = async () => marked(await cache.match(request, { ignoreVary: true }));
  const ask = async () => {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await cache.put(request, answer.clone());
    return answer;
  };
  const asked = ask().catch((cut) => cut);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  const first = await (request.mode === "navigate" ? Promise.race([asked, late]) : asked);
  if (first instanceof Response && (first.status < 500 || request.mode !== "navigate")) return first;
  const page = request.mode === "navigate" && await kept();
  if (page) return page;
  const answer = await asked;
  if (answer instanceof Response) return answer;
  throw answer;
};

const still = async (request) => {
  const cache = await caches.open(PAGES);
  const kept = await cache.match(request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && answer.status === 200) await cache.put(request, answer.clone());
  return answer;
};

// The way in, and a page that was not kept, lead to what is: the day, or the list of what this phone holds.
const way = async (request, url) => {
  try {
    return await fetch(request);
  } catch (cut) {
    const cache = await caches.open(PAGES);
    const has = (page) => cache.match(page, { ignoreVary: true });
    const goal = url.pathname === "/" && await has("/today") ? "/today" : "/phone";
    if (!(await has(goal))) throw cut;
    return Response.redirect(goal, 302);
  }
};

// Each page says what to keep with it, in its data-keep; what it shows and how it looks go with it.
const HOURS = 3 * 3600 * 1000;
const MOST = 40;
const written = (text, pattern) => Array.from(text.matchAll(pattern), (found) => found[1].replace(/&amp;/g, "&"));
// Today's page is gathered anew after a few hours; any other brings what it names and is not here yet.
const gather = async (who, from) => {
  let pages = await caches.open(PAGES);
  const mark = await pages.match("/phone/mark");
  const [whose, at] = mark ? (await mark.text()).split(" ") : [who, 0];
  if (whose !== who) {
    await caches.delete(PAGES);
    pages = await caches.open(PAGES);
  } else if (from === "/today" && Date.now() - at < HOURS) return;
  const queue = from === "/today" ? ["/phone", "/today"] : [from];
  const seen = new Set();
  const parts = new Set();
  while (queue.length && seen.size < MOST) {
    const url = queue.shift();
    if (seen.has(url)) continue;
    seen.add(url);
    const kept = from !== "/today" && await pages.match(url);
    const answer = kept || await fetch(url);
    if (!answer.ok || answer.redirected) continue;
    if (!kept) await pages.put(url, answer.clone());
    const text = await answer.text();
    written(text, /data-keep="([^"]*)"/g).forEach((urls) => queue.push(...urls.trim().split(/\s+/).filter(Boolean)));
    written(text, /(?:src|href)="(\/(?:static|media)\/[^"]+)"/g).forEach((part) => parts.add(part));
  }
  for (const part of parts) {
    if (!(await pages.match(part, { ignoreVary: true }))) await pages.add(part);
  }
  await pages.put("/phone/mark", new Response(who + " " + (from === "/today" ? Date.now() : at)));
};
addEventListener("message", (event) => event.waitUntil(gather(...event.data).catch(() => {})));

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "POST" && url.pathname.startsWith("/sign-out")) {
    event.waitUntil(caches.delete(PAGES));
    return;
  }
  if (request.method !== "GET") return;
  if (KEPT.test(url.pathname)) event.respondWith(fresh(request));
  else if (/^\/(static|media)\//.test(url.pathname)) event.respondWith(still(request));
  else if (request.mode === "navigate") event.respondWith(way(request, url));
});
