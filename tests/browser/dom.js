// The page as lines: what a person and a screen reader get, without what may differ between a page that lived through
// the changes and a fresh one (tokens, the wording of relative times, what a person opened, HTMX's own bookkeeping).
() => {
  // The list of other trees is a shortcut, as old as the page; the tree's own side list is not.
  const SKIPPED = "script, link, template, dialog, .side > :not([data-side-tree])";
  const UNSTEADY = new Set(["hx-headers", "data-connected", "data-seen", "style"]);
  const lines = [];

  function attributes(element) {
    const kept = [];
    for (const { name, value } of element.attributes) {
      if (UNSTEADY.has(name) || (name === "open" && element.matches("details"))) continue;
      if (name === "value" && element.matches("[name=csrfmiddlewaretoken]")) continue;
      if (name !== "class") kept.push(`${name}="${value}"`);
    }
    const classes = [...element.classList].filter((name) => !name.startsWith("htmx-")).sort();
    if (classes.length) kept.push(`class="${classes.join(" ")}"`);
    if (element.matches("textarea")) kept.push(`:value="${element.value}"`);
    if (element.matches("input[type=checkbox]")) kept.push(`:checked="${element.checked}"`);
    return kept.sort().map((each) => ` ${each}`).join("");
  }

  function walk(node, depth) {
    const indent = "  ".repeat(depth);
    if (node.nodeType === Node.TEXT_NODE) {
      const parent = node.parentElement;
      if (parent.matches("time, textarea")) return;
      // What a model wrote has to be the same to the letter; around it, white space is the template's.
      const text = parent.closest(".blocks, pre, .words") ? JSON.stringify(node.data) : node.data.replace(/\s+/g, " ").trim();
      if (text && text !== '"\\n"') lines.push(indent + text);
    } else if (node.nodeType === Node.ELEMENT_NODE && !node.matches(SKIPPED)) {
      lines.push(`${indent}<${node.localName}${attributes(node)}>`);
      for (const child of node.childNodes) walk(child, depth + 1);
    }
  }

  // Text that came in pieces is one text.
  document.body.normalize();
  walk(document.body, 0);
  lines.push(`title: ${document.title}`);
  return lines;
}
