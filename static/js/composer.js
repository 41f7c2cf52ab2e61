// Texts: they grow with what is typed, and Ctrl+Enter sends those that have one way to be sent.

const GROWS_ALONE = CSS.supports("field-sizing", "content");

export function fit(area) {
  if (GROWS_ALONE || !area.matches("[data-grows]")) return;
  area.rows = Math.min(14, Math.max(area.defaultRows ??= area.rows, area.value.split("\n").length));
}

document.addEventListener("input", ({ target }) => {
  if (target.matches?.("textarea")) fit(target);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches?.("textarea")) return;
  event.preventDefault();
  const { form } = event.target;
  // The form of all buttons in rows has no address of its own: which of them is meant, only a press says.
  if (form?.hasAttribute("action")) form.requestSubmit();
});

// A fork opens with the prompt of its branch in the address.
const named = location.hash.startsWith("#prompt") && document.getElementById(location.hash.slice(1));
if (named) named.focus();
