// Comfort for forms. Everything here also works without it.
(() => {
"use strict";
const words = document.currentScript.dataset;
const all = (selector, inside) => Array.from((inside || document).querySelectorAll(selector));
const WEEK = 7 * 864e5;
const WRITTEN = "textarea,input:not([type]),input[type=text],input[type=url],input[type=search]";

// A storage may be refused by the browser: then nothing is kept, and nothing breaks.
const stored = (action) => {
  try {
    return action(localStorage);
  } catch (refused) {
    return null;
  }
};

// A screen reader tells what changes in a place that it knows: the words come a moment after their place.
const tell = (note, text) => setTimeout(() => (note.textContent = text), 99);
const say = (form, text, kind) => {
  let note = form.querySelector("[data-said]");
  if (!note) {
    note = document.createElement("p");
    note.dataset.said = "";
    form.prepend(note);
  }
  note.className = "note note--" + kind;
  note.setAttribute("role", kind === "warn" ? "alert" : "status");
  tell(note, text);
};

// The summary of errors is read first.
const errors = document.querySelector(".errors");
if (errors) errors.focus();

// One press sends once: the button keeps its size, its word changes, and it is never disabled.
let pressed = null;
const rest = () => {
  all("form[data-sent]").forEach((form) => delete form.dataset.sent);
  all("[data-word]").forEach((button) => {
    button.innerHTML = button.dataset.word;
    delete button.dataset.word;
    button.style.minWidth = "";
  });
};
const unsent = () => stored((kept) => kept.removeItem("sent"));
document.addEventListener("click", (event) => {
  pressed = event.target.closest("button");
  if (event.target.closest("a[href]")) unsent();
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  keep(form);
  if (navigator.onLine === false) {
    event.preventDefault();
    say(form, words.offline, "warn");
    return;
  }
  form.dataset.sent = "1";
  stored((kept) => kept.setItem("sent", place(form)));
  const button = event.submitter || pressed;
  if (button && button.form === form) {
    setTimeout(() => {
      button.dataset.word = button.innerHTML;
      button.style.minWidth = button.offsetWidth + "px";
      button.textContent = words.busy;
    });
  }
  setTimeout(rest, 15000);
});
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  unsent();
  rest();
});

// What is being written stays on this phone until the server has it.
const place = (form) => "draft " + location.pathname + " " + all("form").indexOf(form);
// Answers to choose count where a text goes with them: alone, they are quickly chosen again.
const fields = (form) => all(form.querySelector("textarea") ? WRITTEN + ",select,[type=radio]" : WRITTEN, form).filter((field) => field.name && field.autocomplete !== "one-time-code");
const keep = (form) => {
  const typed = fields(form).filter((field) => field.type !== "radio" || field.checked).map((field) => [field.name, field.value]).filter(([, value]) => value);
  if (words.who && typed.length) {
    stored((kept) => kept.setItem(place(form), JSON.stringify({ who: words.who, at: Date.now(), typed })));
  }
};
const bring = (form) => {
  const draft = stored((kept) => JSON.parse(kept.getItem(place(form)) || "null"));
  if (!draft || draft.who !== words.who || Date.now() - draft.at > WEEK) return;
  let count = 0;
  draft.typed.forEach(([name, value]) => {
    const alike = fields(form).filter((field) => field.name === name);
    const empty = alike.find((field) => field.type === "radio"
      ? field.value === value && !alike.some((one) => one.checked) : !field.value);
    if (empty) {
      empty.value = value;
      empty.checked = true;
      count += 1;
    }
  });
  if (count) say(form, words.back, "quiet");
};
// The server has it when it answers with a page that comes from the form: a browser's own page for a network that is
// cut does not, nor another page of ours that is opened afterwards.
const sent = stored((kept) => kept.getItem("sent"));
const from = sent && sent.split(" ")[1];
const isAnswer = from && document.referrer && new URL(document.referrer).pathname === from;
if (isAnswer && !errors && (from !== location.pathname || document.querySelector("[role=status]#message"))) {
  stored((kept) => kept.removeItem(sent));
}
unsent();
let waiting = 0;
let written = null;
const settle = () => {
  clearTimeout(waiting);
  if (written) keep(written);
  written = null;
};
all("form[method=post]").forEach((form) => {
  if (words.who && !errors) bring(form);
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    written = form;
    waiting = setTimeout(settle, 400);
  });
});
addEventListener("pagehide", settle);
document.addEventListener("visibilitychange", settle);

// A password can be read while it is typed.
all("input[data-show]").forEach((field) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn--2 btn--row show";
  button.textContent = field.dataset.show;
  button.addEventListener("click", () => {
    const hidden = field.type === "password";
    field.type = hidden ? "text" : "password";
    button.textContent = hidden ? field.dataset.hide : field.dataset.show;
  });
  field.after(button);
});

// The weight of a file, and how long it may take, before it is sent.
all("input[data-weigh]").forEach((field) => {
  field.addEventListener("change", () => {
    const size = Array.from(field.files).reduce((sum, file) => sum + file.size, 0);
    let said = field.nextElementSibling;
    if (!said) {
      said = document.createElement("p");
      said.setAttribute("role", "status");
      field.after(said);
    }
    const mega = (Math.round(size / 1e5) / 10).toLocaleString(document.documentElement.lang);
    tell(said, size ? field.dataset.weigh.replace("{1}", mega).replace("{2}", Math.ceil(size / 1.2e6)) : "");
  });
});

// The boxes of a page are kept as they are ticked; their button is for when that fails, or without scripts.
const ticks = document.getElementById("ticks");
if (ticks) {
  const buttons = all("button[form=ticks]");
  buttons.forEach((button) => (button.hidden = true));
  document.addEventListener("change", (event) => {
    if (event.target.form !== ticks) return;
    fetch(ticks.action, { method: "POST", body: new FormData(ticks), headers: { Accept: "application/json" } })
      .then((answer) => answer.ok ? say(ticks, ticks.dataset.kept, "good") : Promise.reject())
      .catch(() => buttons.forEach((button) => (button.hidden = false)));
  });
}

// A part of a page that is asked for again while it is looked at, and not while something in it has the focus. What says
// the same news, such as how long somebody has waited, is not read aloud again. It ends when the page says 0.
const live = document.querySelector("[data-poll]");
if (live) {
  const asking = setInterval(() => {
    if (live.dataset.poll === "0") clearInterval(asking);
    if (live.dataset.poll === "0" || document.hidden || live.contains(document.activeElement)) return;
    fetch(location.href).then((answer) => answer.ok ? answer.text() : "").then((text) => {
      const now = new DOMParser().parseFromString(text, "text/html").querySelector("[data-poll]");
      if (!now || now.textContent === live.textContent) return;
      const isOld = "news" in now.dataset && now.dataset.news === live.dataset.news;
      live.setAttribute("aria-live", isOld ? "off" : "polite");
      Object.assign(live.dataset, now.dataset);
      live.innerHTML = now.innerHTML;
    }).catch(() => {});
  }, live.dataset.poll * 1000);
}
})();
