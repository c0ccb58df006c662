// Lets the pages that ask for it open with no network. Nothing else is kept, and signing out erases it.
"use strict";
const PAGES = "field-pages-1";
const KEPT = /^\/half-days\/\d+\/field$/;

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

const fresh = async (request) => {
  const cache = await caches.open(PAGES);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await cache.put(request, answer.clone());
    return answer;
  } catch (cut) {
    const kept = await cache.match(request, { ignoreVary: true });
    if (kept) return kept;
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
