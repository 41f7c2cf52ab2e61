// Relative times, kept fresh; in the same words as the server's.

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const two = (number) => String(number).padStart(2, "0");

export function relative(then, now) {
  const age = now - then;
  const date = `${then.getDate()} ${MONTHS[then.getMonth()]}`;
  const clock = `${two(then.getHours())}:${two(then.getMinutes())}`;
  if (age < -MINUTE) return `${date} ${then.getFullYear()} ${clock}`;
  if (age < MINUTE) return "just now";
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`;
  if (then.toDateString() === now.toDateString()) return `${Math.floor(age / HOUR)} h ago`;
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (then.toDateString() === yesterday.toDateString()) return `yesterday ${clock}`;
  return then.getFullYear() === now.getFullYear() ? date : `${date} ${then.getFullYear()}`;
}

function refresh() {
  const now = new Date();
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const words = relative(new Date(time.dateTime), now);
    if (time.textContent !== words) time.textContent = words;
  }
}

setInterval(refresh, 20_000);
document.addEventListener("visibilitychange", refresh);
