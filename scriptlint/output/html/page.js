// Filters findings by verdict and by words; an object that shows none of its findings is hidden when words are looked for.
"use strict";
const filters = document.querySelector(".filters");
const words = filters.querySelector("input[type=search]");
const boxes = [...filters.querySelectorAll("input[type=checkbox]")];

function filter() {
  const wanted = words.value.trim().toLowerCase();
  const verdicts = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
  for (const object of document.querySelectorAll(".object")) {
    const named = object.querySelector("h2").textContent.toLowerCase().includes(wanted);
    let left = 0;
    for (const finding of object.querySelectorAll(".finding")) {
      const said = named || finding.textContent.toLowerCase().includes(wanted);
      finding.hidden = !(said && verdicts.has(finding.dataset.verdict));
      left += !finding.hidden;
    }
    object.hidden = wanted !== "" && !named && left === 0;
  }
}

filters.hidden = false;
filters.addEventListener("input", filter);
words.value = decodeURIComponent(location.hash.startsWith("#find=") ? location.hash.slice(6) : "");
filter();
