// Forms that HTMX sends: say which revision each pane shows, and what to do when there was no answer.

import { tell } from "./notice.js";

const NOT_ACCEPTED = 422;

// The answer brings everything that changed since, so that a row can never be skipped.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "post") return;
  for (const pane of document.querySelectorAll("[data-session]")) {
    detail.parameters[`revision-${pane.dataset.session}`] = pane.dataset.revision;
  }
});

document.addEventListener("htmx:responseError", ({ detail }) => {
  // Such an answer says itself what is missing.
  if (detail.xhr.status !== NOT_ACCEPTED) tell("request-failed");
});
document.addEventListener("htmx:sendError", () => tell("request-unsent"));
document.addEventListener("htmx:timeout", () => tell("request-unsent"));

// A form that was accepted has nothing more to complain about.
document.addEventListener("input", ({ target }) => {
  const line = target.form?.querySelector(".problem-line");
  if (line?.textContent) line.textContent = "";
});
