// When the prompt was submitted, and when its answer's first text came in a frame, stood in the page, and was painted.
(() => {
  const now = () => performance.timeOrigin + performance.now();
  // Start leads to another page: the moment of its submit travels along.
  let submitted = 0;
  try { submitted = Number(sessionStorage.getItem("submitted")); } catch { /* a blank page has no storage */ }
  let known = new Set();
  window.bench = { submitted };

  const texts = () => [...document.querySelectorAll(".message.text .blocks")].filter((blocks) => !known.has(blocks.id));

  function look() {
    if (!bench.submitted || bench.seen) return;
    const found = texts();
    if (found.length && !bench.row) bench.row = now();
    if (!found.some((blocks) => blocks.textContent.trim())) return;
    bench.seen = now();
    requestAnimationFrame(() => requestAnimationFrame(() => { bench.painted = now(); }));
  }

  new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });

  addEventListener("submit", () => {
    known = new Set(texts().map((blocks) => blocks.id).concat([...known]));
    window.bench = { submitted: now() };
    sessionStorage.setItem("submitted", bench.submitted);
  }, true);

  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("open", () => { bench.open ??= now(); });
      this.addEventListener("message", ({ data }) => { if (data.includes("w0001")) bench.frame ??= now(); });
    }
  };
})();
