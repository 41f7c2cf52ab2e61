// Drafts: what was typed and not sent survives a reload, a closed tab and a lost connection.

import { fit } from "./composer.js";

const keyOf = (form) => `espalier:draft:${form.dataset.draft}`;
const areaOf = (form) => form.querySelector("textarea[name=prompt]");

function restore(form) {
  const area = areaOf(form);
  const kept = localStorage.getItem(keyOf(form));
  // Words from the server are newer: a prompt that it did not accept.
  if (!kept || !area || area.value) return;
  area.value = kept;
  fit(area);
}

function keep(form) {
  const words = areaOf(form)?.value;
  if (words) localStorage.setItem(keyOf(form), words);
  else localStorage.removeItem(keyOf(form));
}

document.addEventListener("input", ({ target }) => {
  const form = target.closest?.("form[data-draft]");
  if (form && target.matches("textarea")) keep(form);
});

// Not detail.successful: it is unset where the answer is an address to go to.
const accepted = ({ status }) => status >= 200 && status < 400;

const sent = new WeakMap();
document.addEventListener("htmx:beforeRequest", ({ target }) => {
  if (target.matches?.("form[data-draft]")) sent.set(target, areaOf(target).value);
});

document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  if (!target.matches?.("form[data-draft]") || !accepted(detail.xhr)) return;
  const area = areaOf(target);
  // What was typed while the answer was on its way stays.
  if (area.value === sent.get(target)) area.value = "";
  fit(area);
  keep(target);
});

document.querySelectorAll("form[data-draft]").forEach(restore);
