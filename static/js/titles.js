// Titles stand in more places than the rows that bring a new one: where a branch was forked, above the page, in its tab.

import { titled } from "./needs.js";

document.addEventListener("espalier:rows", ({ detail }) => {
  if (!detail.root.matches("[data-side-tree], .summary")) return;
  for (const { dataset, textContent: title } of detail.root.querySelectorAll("[data-title]")) {
    for (const copy of document.querySelectorAll(`[data-title-of="${dataset.title}"]`)) {
      const words = copy.matches("title") ? titled(`${title} · Espalier`) : title;
      if (copy.textContent !== words) copy.textContent = words;
    }
  }
});
