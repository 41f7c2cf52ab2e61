// How many requests wait for this person: in the title of the tab, and as a notification for who asked to be told.

const KEY = "espalier:notify";
const badge = () => document.getElementById("needs");
const count = () => Number(badge()?.dataset.count ?? 0);
let known = count();

export function titled(words) {
  const bare = words.replace(/^\(\d+\) /, "");
  return count() ? `(${count()}) ${bare}` : bare;
}

function wanted() {
  return "Notification" in window && Notification.permission === "granted" && localStorage.getItem(KEY) === "on";
}

function notify() {
  const words = document.getElementById("notify-words")?.content.textContent.trim();
  // One for all tabs of this browser: the tag replaces what another tab has shown already.
  const shown = new Notification("Espalier", { body: words, tag: "espalier-needs-you" });
  shown.addEventListener("click", () => {
    window.focus();
    location.href = badge().href;
  });
}

document.addEventListener("espalier:rows", ({ detail }) => {
  if (detail.root.id !== "needs") return;
  const title = titled(document.title);
  if (document.title !== title) document.title = title;
  if (count() > known && document.visibilityState === "hidden" && wanted()) notify();
  known = count();
});

for (const button of document.querySelectorAll("[data-notify]")) {
  const show = () => button.setAttribute("aria-pressed", String(wanted()));
  button.hidden = !("Notification" in window);
  button.addEventListener("click", async () => {
    const on = !wanted() && (await Notification.requestPermission()) === "granted";
    localStorage.setItem(KEY, on ? "on" : "off");
    show();
  });
  show();
}
