// Fragments that a button brings: into the dialog, into a pane's title, into a long output. Without script each is a page.

import { fit } from "./composer.js";

const dialog = document.getElementById("dialog");
const body = document.getElementById("dialog-body");
let address = "";
let opener = null;

function show() {
  if (!dialog.open) dialog.showModal();
  body.querySelector("[autofocus]")?.focus();
}

function open(button) {
  const target = document.getElementById(button.dataset.opens);
  if (!target || !window.htmx) return false;
  opener = button;
  // Closed by mistake and opened again: what was typed is still there.
  if (target === body && address === button.formAction && body.querySelector("form")) {
    show();
    return true;
  }
  window.htmx.ajax("GET", button.formAction, { source: button, target, swap: "innerHTML" });
  if (target === body) address = button.formAction;
  return true;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-opens]");
  if (button && open(button)) event.preventDefault();
  if (event.target.closest("[data-close]") && close(event.target)) event.preventDefault();
  if (event.target.closest("[data-add]")) {
    event.preventDefault();
    addApproach(event.target.form);
  }
  const proposal = event.target.closest("[data-try]");
  if (proposal) propose(proposal.textContent);
});

function close(link) {
  const slot = link.closest(".rename-slot, .edit-slot");
  if (slot) slot.replaceChildren();
  else if (link.closest("#dialog")) dialog.close();
  else return false;
  opener?.focus();
  return true;
}

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target === body) show();
  else if (detail.target.matches(".edit-slot")) detail.target.querySelector("textarea")?.focus();
  else if (detail.target.matches(".rename-slot")) detail.target.querySelector("input[name=title]")?.select();
});
document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.target === body) address = "";
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.closest?.(".rename-slot")) close(event.target);
});

function addApproach(form) {
  const list = form.querySelector("[data-approaches]");
  const number = list.childElementCount + 1;
  const approach = form.querySelector("template[data-approach]").content.cloneNode(true);
  const area = approach.querySelector("textarea");
  const label = approach.querySelector("label");
  area.id = label.htmlFor = `approach-${number}`;
  label.append(` ${number}`);
  approach.querySelector("legend").append(` ${number}`);
  for (const select of approach.querySelectorAll("select")) {
    const name = select.previousElementSibling;
    select.id = name.htmlFor = `${select.name}-${number}`;
    name.textContent = name.textContent.replace("new", number);
  }
  list.append(approach);
  fit(area);
  area.focus();
  form.querySelector("[data-add]").hidden = number >= Number(form.dataset.most);
}

function propose(words) {
  const area = document.getElementById("prompt");
  area.value = words;
  // As if typed: the draft is kept and the box grows.
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}
