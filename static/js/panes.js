// Panes side by side: one can be maximised, the keyboard moves between them, and the side list follows their status.

export const panes = () => [...document.querySelectorAll("[data-session]")];

let last = null;

export function currentPane() {
  const here = document.activeElement?.closest("[data-session]");
  if (here) return here;
  return last?.isConnected ? last : panes()[0] ?? null;
}

export function movePane(step) {
  const all = panes().filter((pane) => pane.offsetParent !== null);
  if (all.length < 2) return;
  const at = document.activeElement?.closest("[data-session]");
  const next = at ? (all.indexOf(at) + step + all.length) % all.length : 0;
  all[next].querySelector("[role=log]").focus({ preventScroll: true });
  all[next].scrollIntoView({ inline: "nearest", block: "nearest" });
}

document.addEventListener("focusin", ({ target }) => {
  last = target.closest?.("[data-session]") ?? last;
});

for (const button of document.querySelectorAll("[data-maximise]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const pane = button.closest(".pane");
    const on = pane.classList.toggle("is-maximised");
    pane.parentElement.classList.toggle("maximised", on);
    button.setAttribute("aria-pressed", String(on));
    button.focus();
  });
}

// A menu closes when the next thing is clicked.
document.addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(target)) menu.open = false;
});
