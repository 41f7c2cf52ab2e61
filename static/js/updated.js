// A page that is left open over an update says so. It never reloads by itself: somebody may be reading.

document.querySelector("[data-reload]")?.addEventListener("click", () => location.reload());

export function compareFrontEnd(current) {
  const line = document.getElementById("updated");
  if (line) line.hidden = document.body.dataset.front === current;
}
