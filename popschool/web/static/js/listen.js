// "Écouter": the phone reads the page aloud, each part in its own language. Only where it has a voice.
(() => {
"use strict";
const words = document.currentScript.dataset;
const voice = window.speechSynthesis;
const title = document.querySelector("main h1");
const wanted = document.documentElement.dataset.listen;
const place = wanted === "1" ? title : wanted ? null : document.querySelector("[data-read]") && title;
if (!voice || !place) return;

// What is folded is not read, nor what is only to be pressed.
const unread = "button,script,.btn,.back,.demo,[aria-hidden=true]";
const isFolded = (at) => at.closest("details:not([open])") && !at.closest("summary");
const blocks = "h1,h2,h3,h4,p,li,dt,dd,th,td,caption,legend,label,pre,summary,div";
const sentences = () => {
  const walker = document.createTreeWalker(title.closest("main"), NodeFilter.SHOW_TEXT);
  const parts = [];
  let last = null;
  while (walker.nextNode()) {
    const at = walker.currentNode.parentElement;
    if (!at.offsetParent || at.closest(unread) || isFolded(at)) continue;
    const block = at.closest(blocks);
    const lang = at.closest("[lang]").lang;
    if (block !== last || lang !== parts[parts.length - 1].lang) parts.push({ lang, text: "" });
    parts[parts.length - 1].text += walker.currentNode.data;
    last = block;
  }
  // A voice stops by itself in the middle of what is long: it is given a sentence at a time.
  return parts.map(({ lang, text }) => (text.replace(/\s+/g, " ").match(/[^.!?…]+[.!?…]*/g) || [])
    .map((one) => one.trim()).filter(Boolean).map((one) => ({ lang, text: one }))).reduce((all, one) => all.concat(one), []);
};

const button = document.createElement("button");
button.type = "button";
button.className = "btn btn--2 btn--row";
const rest = () => {
  voice.cancel();
  button.textContent = words.listen;
};
const say = (waiting) => {
  const next = waiting.shift();
  if (!next) return rest();
  const spoken = new SpeechSynthesisUtterance(next.text);
  spoken.lang = next.lang;
  spoken.onend = () => button.textContent === words.hush && say(waiting);
  spoken.onerror = () => button.textContent === words.hush && rest();
  voice.speak(spoken);
};
button.addEventListener("click", () => {
  if (button.textContent === words.hush) return rest();
  button.textContent = words.hush;
  say(sentences());
});
rest();
const line = document.createElement("p");
line.append(button);
place.after(line);
addEventListener("pagehide", rest);
})();
