// Text as it is written: applies the operations of a growing message to its blocks.

// Length in UTF-16 units of text that grew by appending: reading it back from the page would cost as much as the text.
const lengths = new WeakMap();

document.addEventListener("espalier:rows", ({ detail }) => {
  for (const target of detail.root.querySelectorAll("[data-text], .blocks > *")) lengths.delete(target);
});

function blockFrom(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

function setBlocks(blocks, start, html) {
  if (start > blocks.children.length) return false;
  while (blocks.children.length > start) blocks.lastElementChild.remove();
  for (const block of html) blocks.append(blockFrom(block));
  return true;
}

function appendText(blocks, index, offset, text) {
  const block = blocks.children[index];
  const target = block?.querySelector("[data-text]") ?? block;
  if (!target) return false;
  const length = lengths.get(target) ?? target.textContent.length;
  if (length !== offset) return false;
  if (target.lastChild?.nodeType === Node.TEXT_NODE) target.lastChild.appendData(text);
  else target.append(text);
  lengths.set(target, offset + text.length);
  return true;
}

// Returns false when the message on the page is not what the operations were made for: it then has to be sent anew.
export function applyOps(message, ops) {
  const blocks = document.getElementById(`blocks-${message}`);
  // A finished message is rendered as a whole; what was still under way for it is old.
  if (!blocks?.closest("[data-live]")) return true;
  const applied = ops.every(([kind, ...rest]) =>
    kind === "set" ? setBlocks(blocks, ...rest) : appendText(blocks, ...rest),
  );
  document.dispatchEvent(new CustomEvent("espalier:text", { detail: { root: blocks } }));
  return applied;
}
