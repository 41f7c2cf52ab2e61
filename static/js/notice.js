// One quiet line at the bottom of the page, in the words of a <template>.

let timer = 0;

export function tell(templateId, milliseconds = 6000) {
  const line = document.getElementById("notice");
  const words = document.getElementById(templateId);
  if (!line || !words) return;
  line.replaceChildren(...words.content.firstElementChild.cloneNode(true).childNodes);
  line.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(hush, milliseconds);
}

// A line that the server sent goes by itself, too.
document.addEventListener("espalier:rows", ({ detail }) => {
  if (detail.root.id !== "notice" || detail.root.hidden) return;
  clearTimeout(timer);
  timer = setTimeout(hush, 8000);
});

export function hush() {
  const line = document.getElementById("notice");
  if (line) line.hidden = true;
}
