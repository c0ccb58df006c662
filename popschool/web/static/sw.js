// Lets the pages that ask for it open with no network. Nothing else is kept, and signing out erases it.
"use strict";
const PAGES = "field-pages-1";
const KEPT = /^\/half-days\/\d+\/field$/;

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

// A server that answers that it cannot is no better than none.
const fresh = async (request) => {
  const cache = await caches.open(PAGES);
  const kept = () => cache.match(request, { ignoreVary: true });
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await cache.put(request, answer.clone());
    return answer.status < 500 ? answer : (await kept()) || answer;
  } catch (cut) {
    const page = await kept();
    if (page) return page;
    throw cut;
  }
};

const still = async (request) => {
  const cache = await caches.open(PAGES);
  const kept = await cache.match(request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
};

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
  else if (url.pathname.startsWith("/static/")) event.respondWith(still(request));
});
