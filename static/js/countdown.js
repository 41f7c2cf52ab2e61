// Waits that are announced, counted down; in the same words as the server's.

export function countdown(until, now) {
  const left = Math.ceil((until - now) / 1000);
  if (left <= 0) return "now";
  return left < 60 ? `in ${left} s` : `in ${Math.floor(left / 60)} min ${left % 60} s`;
}

function refresh() {
  const now = new Date();
  for (const time of document.querySelectorAll("time[data-until]")) {
    const words = countdown(new Date(time.dateTime), now);
    if (time.textContent !== words) time.textContent = words;
  }
}

setInterval(refresh, 500);
document.addEventListener("visibilitychange", refresh);
