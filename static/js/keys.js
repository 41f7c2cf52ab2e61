// Single keys, never while something is being typed.

import { hush, tell } from "./notice.js";
import { currentPane, movePane } from "./panes.js";

const ASKED_FOR = 4000;
let asked = -Infinity;

function startTree() {
  const prompt = document.querySelector("form.start textarea");
  if (prompt) prompt.focus();
  else location.href = "/#prompt";
}

function stop() {
  const button = currentPane()?.querySelector("[data-stop]");
  if (!button) return;
  if (performance.now() - asked < ASKED_FOR) {
    asked = -Infinity;
    hush();
    button.click();
  } else {
    asked = performance.now();
    tell("ask-stop", ASKED_FOR);
  }
}

const showKeys = () => document.getElementById("keys").showModal();

const ACTIONS = {
  n: startTree,
  f: () => currentPane()?.querySelector("[data-fork]")?.click(),
  "[": () => movePane(-1),
  "]": () => movePane(1),
  Escape: stop,
  "?": showKeys,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (document.querySelector("dialog[open], :popover-open, details.menu[open]")) return;
  if (event.target.matches?.("textarea, input:not([type=checkbox]), select, [contenteditable]")) {
    // Out of the prompt first: only the next Escape is about the branch.
    if (event.key === "Escape") event.target.closest("[data-session]")?.querySelector("[role=log]").focus();
    return;
  }
  const action = ACTIONS[event.key];
  if (!action) return;
  if (event.key !== "Escape") event.preventDefault();
  action();
});

for (const button of document.querySelectorAll("[data-keys]")) {
  button.hidden = false;
  button.addEventListener("click", showKeys);
}
