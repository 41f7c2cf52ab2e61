// Logs: stay at the end while the reader is there; otherwise say that there is more below.

const NEAR = 40;
// What grows right after a touch grew because a row was opened: the reader wants to stay where that is.
const BY_HAND = 500;

function follow(log) {
  const below = log.parentElement.querySelector("[data-below]");
  let stuck = !(location.hash.startsWith("#turn-") && log.querySelector(location.hash));
  let touched = -Infinity;
  let height = 0;
  let top = 0;
  let seen = false;

  const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
  const toEnd = () => {
    log.scrollTop = log.scrollHeight;
    stuck = true;
    below.hidden = true;
  };

  log.addEventListener("scroll", () => {
    // Text that came since the log was moved to its end is no reason to leave it: only the reader moves upwards.
    const up = log.scrollTop < top - 1;
    top = log.scrollTop;
    if (atEnd()) stuck = true;
    else if (up) stuck = false;
    if (stuck) below.hidden = true;
  }, { passive: true });
  for (const kind of ["pointerdown", "keydown"]) {
    log.addEventListener(kind, () => { touched = performance.now(); }, { passive: true });
  }
  below.addEventListener("click", toEnd);
  log.parentElement.addEventListener("htmx:afterRequest", ({ target, detail }) => {
    if (target.matches("form.composer") && detail.successful) toEnd();
  });

  new ResizeObserver(() => {
    const grew = log.scrollHeight > height + 1;
    height = log.scrollHeight;
    if (performance.now() - touched < BY_HAND) return;
    if (stuck) toEnd();
    else if (grew && !atEnd() && seen) below.hidden = false;
    seen = true;
  }).observe(log.querySelector(":scope > .turns"));
  // The log itself shrinks when the prompt below it grows.
  new ResizeObserver(() => stuck && toEnd()).observe(log);
}

document.querySelectorAll("[role=log]").forEach(follow);
