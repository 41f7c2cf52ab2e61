// Rows: the one way anything on a page changes. Each is the root of a server partial; the element with its id is morphed
// into it, or it is inserted where its data-into says. Answers to forms and messages of the socket use the same function.

const KEEP_OPEN = new Set(["DETAILS", "DIALOG"]);

const callbacks = {
  // What a person opened or ticked stays so, whatever the server sends.
  beforeAttributeUpdated: (name, node) => name !== "checked" && !(name === "open" && KEEP_OPEN.has(node.tagName)),
  // What a person is typing in is theirs.
  beforeNodeMorphed: (node) => !(node === document.activeElement && node.matches?.("textarea, input[type=text]")),
};

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

function insert(row) {
  const home = document.getElementById(row.dataset.into ?? "");
  if (!home) return null;
  const order = Number(row.dataset.order);
  const after = [...home.children].find((other) => Number(other.dataset.order) > order);
  home.insertBefore(row, after ?? null);
  return row;
}

function apply(row) {
  const present = row.id && document.getElementById(row.id);
  if (!present) return insert(row);
  // The same element before and after: a focused child, an open row and a half-read block survive.
  window.Idiomorph.morph(present, row, { morphStyle: "outerHTML", callbacks });
  return document.getElementById(row.id);
}

function mirror(head) {
  const pane = document.getElementById(head.dataset.pane ?? "");
  if (!pane) return;
  pane.dataset.status = head.dataset.status;
  pane.dataset.revision = head.dataset.revision;
}

export function applyRows(source) {
  const fragment = typeof source === "string" ? parse(source) : source;
  for (const row of [...fragment.children]) {
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
    applyRows(fragment);
    return [];
  },
});
