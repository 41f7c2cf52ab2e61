// Rows: the one way anything on a page changes. Each is the root of a server partial; the element with its id is morphed
// into it, or it is inserted where its data-into says. Answers to forms and messages of the socket use the same function.

const KEEP_OPEN = new Set(["DETAILS", "DIALOG"]);

const callbacks = {
  // What a person opened or ticked stays so, whatever the server sends.
  beforeAttributeUpdated: (name, node) => name !== "checked" && !(name === "open" && KEEP_OPEN.has(node.tagName)),
  beforeNodeMorphed: (node, next) => !isTypedIn(node) && !isFilledIn(node) && !isWritten(node, next) && !isOpened(node),
};

// A form that a person opened stays until they close it, also when its turn starts meanwhile.
function isOpened(node) {
  return node.matches?.(".edit-slot") && node.childElementCount > 0;
}

// What a person is typing in is theirs.
function isTypedIn(node) {
  return node === document.activeElement && node.matches?.("textarea, input[type=text]");
}

// So is what they have filled in and not sent yet.
function isFilledIn(node) {
  if (!node.matches?.(".request :is(input, textarea)")) return false;
  return node.matches("[type=radio], [type=checkbox]")
    ? node.checked !== node.defaultChecked
    : node.value !== node.defaultValue;
}

// A row shows a message that is still written as it was up to a second ago; the page has more of it.
function isWritten(node, next) {
  return node.matches?.("[data-live] .blocks") && next.matches?.("[data-live] .blocks");
}

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

function insert(row) {
  const home = document.getElementById(row.dataset.into ?? "");
  if (!home) return null;
  place(row, home);
  return row;
}

function place(row, home) {
  const order = Number(row.dataset.order);
  const after = [...home.children].find((other) => other !== row && Number(other.dataset.order) > order) ?? null;
  const focused = row.contains(document.activeElement) ? document.activeElement : null;
  home.insertBefore(row, after);
  focused?.focus({ preventScroll: true });
}

function apply(row) {
  const present = row.id && document.getElementById(row.id);
  if (!present) return insert(row);
  if (row.matches(".edit-slot")) {
    // On its own it is the answer to the form in it, which is done.
    present.replaceChildren();
    return present;
  }
  const { order } = present.dataset;
  // The same element before and after: a focused child, an open row and a half-read block survive.
  window.Idiomorph.morph(present, row, { morphStyle: "outerHTML", callbacks });
  const morphed = document.getElementById(row.id);
  // Rows come in order, so each finds those before it in their places.
  if (morphed.dataset.into && morphed.dataset.order !== order) place(morphed, morphed.parentElement);
  return morphed;
}

function mirror(head) {
  const pane = document.getElementById(head.dataset.pane ?? "");
  if (!pane) return;
  pane.dataset.status = head.dataset.status;
  pane.dataset.revision = head.dataset.revision;
}

function paneOf(row) {
  const place = document.getElementById(row.id) ?? document.getElementById(row.dataset.into ?? "");
  return place?.closest("[data-session]");
}

// An answer can be overtaken by the socket: what it says of a pane that has moved on is old, and nobody would say it anew.
function withoutTheOld(rows) {
  const old = new Set();
  for (const head of rows) {
    const pane = head.dataset.pane && document.getElementById(head.dataset.pane);
    if (pane && Number(head.dataset.revision) < Number(pane.dataset.revision)) old.add(pane);
  }
  return rows.filter((row) => row.matches("[id^=problem-], .edit-slot") || !old.has(paneOf(row)));
}

export function applyRows(source, { overtaken = false } = {}) {
  const fragment = typeof source === "string" ? parse(source) : source;
  const rows = [...fragment.children];
  for (const row of overtaken ? withoutTheOld(rows) : rows) {
    const element = apply(row);
    if (!element) continue;
    if (element.dataset.pane) mirror(element);
    window.htmx?.process(element);
    document.dispatchEvent(new CustomEvent("espalier:rows", { detail: { root: element } }));
  }
}

window.htmx?.defineExtension("rows", {
  isInlineSwap: (style) => style === "rows",
  handleSwap: (style, target, fragment) => {
    if (style !== "rows") return false;
    applyRows(fragment, { overtaken: true });
    return [];
  },
});
