// Choosing branches to compare: how many are chosen, and no page of its own to say that two are needed.

const form = document.querySelector("form[data-compare]");
const chosen = new Set();
const boxes = () => [...document.querySelectorAll("input[name=s][form=compare]")];

function count() {
  chosen.clear();
  for (const box of boxes()) if (box.checked) chosen.add(box.value);
  const fits = chosen.size >= 2 && chosen.size <= 6;
  for (const words of form.querySelectorAll("[data-hint]")) {
    words.hidden = words.dataset.hint !== (fits ? "fits" : "choose");
    words.classList.remove("problem-line");
  }
  form.querySelector("[data-count]").textContent = String(chosen.size);
  return fits;
}

if (form) {
  document.addEventListener("change", ({ target }) => target.form === form && count());
  form.addEventListener("submit", (event) => {
    if (count()) return;
    event.preventDefault();
    form.querySelector("[data-hint=choose]").classList.add("problem-line");
  });
  // A row that the server sent anew comes without its tick.
  document.addEventListener("espalier:rows", ({ detail }) => {
    const box = detail.root.querySelector("input[name=s][form=compare]");
    if (box) box.checked = chosen.has(box.value);
  });
  count();
}
