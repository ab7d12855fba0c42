"use strict";
const box = document.getElementById("search");
const count = document.getElementById("count");
const groups = Array.from(document.querySelectorAll("section"), (section) => ({
  section,
  title: section.firstElementChild.textContent.toLowerCase(),
  entries: Array.from(section.querySelectorAll("li"), (li) => [li, li.textContent.toLowerCase()]),
}));
function filter() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const group of groups) {
    let here = 0;
    for (const [entry, text] of group.entries) {
      const fits = words.every((word) => text.includes(word) || group.title.includes(word));
      entry.hidden = !fits;
      here += fits;
    }
    group.section.hidden = !here;
    shown += here;
  }
  count.textContent = words.length ? count.dataset.words.replace("{shown}", shown) : "";
}
document.getElementById("finder").hidden = false;
box.addEventListener("input", filter);
