// Answers that are being written: what was typed or ticked for a request survives a reload of its tab.

const keyOf = (request) => `espalier:answer:${request.dataset.request}`;
const fieldsOf = (request) => [...request.querySelectorAll("textarea, input")];
const isTick = (field) => field.type === "radio" || field.type === "checkbox";

function keep(request) {
  const changed = fieldsOf(request).filter((field) =>
    isTick(field) ? field.checked : field.value !== field.defaultValue,
  );
  sessionStorage.setItem(keyOf(request), JSON.stringify(changed.map(({ name, value }) => [name, value])));
}

function restore(request) {
  const kept = JSON.parse(sessionStorage.getItem(keyOf(request)) ?? "[]");
  const fields = fieldsOf(request);
  for (const [name, value] of kept) {
    const named = fields.filter((field) => field.name === name);
    const tick = named.find((field) => isTick(field) && field.value === value);
    if (tick) tick.checked = true;
    else if (named[0] && !isTick(named[0])) named[0].value = value;
    // Changes to what is to run must be seen by who allows it.
    if (named[0]?.matches("details *")) named[0].closest("details").open = true;
  }
}

document.addEventListener("input", ({ target }) => {
  const request = target.closest?.("[data-request]");
  if (request) keep(request);
});

document.querySelectorAll("[data-request]").forEach(restore);
