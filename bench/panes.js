// The number of the last word (w0001, w0002, …) that each pane's newest answer shows, with the moment it appeared.
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const last = new Map();
  let known = null;
  const seen = [];
  window.bench = { seen, backwards: 0, connections: 0 };

  const answers = (pane) => [...pane.querySelectorAll(".message.text .blocks")].filter((blocks) => !known.has(blocks.id));

  function look() {
    if (!known) return;
    const moment = now();
    for (const pane of document.querySelectorAll("[data-session]")) {
      const number = Number(/w(\d+)\s*$/.exec(answers(pane).at(-1)?.lastElementChild?.textContent ?? "")?.[1] ?? 0);
      const before = last.get(pane.dataset.session) ?? 0;
      if (number < before) bench.backwards += 1;
      if (number > before) seen.push([moment, pane.dataset.session, number]);
      last.set(pane.dataset.session, number);
    }
  }

  new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });

  // From here on; what stands in the panes already does not count.
  window.benchBegin = () => {
    known = new Set();
    known = new Set([...document.querySelectorAll("[data-session]")].flatMap(answers).map((blocks) => blocks.id));
  };

  // Every text message by its id, block by block.
  window.benchTexts = () =>
    Object.fromEntries([...document.querySelectorAll(".message.text .blocks")].map((blocks) => [blocks.id, blocks.innerHTML]));

  window.benchWords = () =>
    Object.fromEntries([...document.querySelectorAll("[data-session]")].map((pane) => [
      pane.dataset.session,
      answers(pane).flatMap((blocks) => [...blocks.children].flatMap((block) => block.textContent.split(/\s+/)).filter(Boolean)),
    ]));

  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      bench.connections += 1;
    }
  };
})();
