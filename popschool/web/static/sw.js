// Lets the pages that ask for it open with no network. Nothing else is kept, and signing out erases it.
"use strict";
const PAGES = "field-pages-1";
const KEPT = /^\/half-days\/\d+\/field$/;

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

// A server that answers that it cannot is no better than none, nor is one that keeps the page waiting.
const PATIENCE = 4000;
const fresh = async (request) => {
  const cache = await caches.open(PAGES);
  const kept = () => cache.match(request, { ignoreVary: true });
  const ask = async () => {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await cache.put(request, answer.clone());
    return answer;
  };
  const asked = ask().catch((cut) => cut);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  const first = await Promise.race([asked, late]);
  if (first instanceof Response && first.status < 500) return first;
  const page = await kept();
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
