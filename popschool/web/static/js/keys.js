// Keys: the one written in data-key presses its link or button. Never while typing; may be turned off in the settings.
(() => {
"use strict";
const QUIET = ["radio", "checkbox", "button", "submit"];
document.addEventListener("keydown", (event) => {
  const at = event.target;
  const types = /^(input|select|textarea)$/i.test(at.tagName) && !QUIET.includes(at.type);
  if (types || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.key.length !== 1) return;
  if (document.documentElement.dataset.keys === "off") return;
  const target = document.querySelector('[data-key="' + CSS.escape(event.key.toLowerCase()) + '"]');
  if (!target) return;
  event.preventDefault();
  target.focus();
  if (target.matches("a,button,summary")) target.click();
});
})();
