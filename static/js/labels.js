/** Write each digit over its place on the sheet, as a teacher would, while the answer is current. */

import { selection } from "./selection.js";

const LABEL_HEIGHT = 0.12; // of the sheet: a label above a digit needs as much
const MAX_LARGE = 8; // more labels than this are small

const layer = document.getElementById("places");

selection.addEventListener("change", () => {
  const selected = selection.current;
  // A single drawn digit needs no label. In a picture, the label shows which ink was read.
  const isShown = selected !== null && (selected.answer.digits.length > 1 || selected.strokes === null);
  layer.dataset.verdict = selected?.answer.verdict ?? "";
  layer.classList.toggle("is-crowded", selected?.answer.digits.length > MAX_LARGE);
  layer.replaceChildren(...(isShown ? selected.answer.digits.map(label) : []));

  function label({ digit, box: [left, top, right, bottom] }, at) {
    const [sheetLeft, sheetTop, width, height] = selected.sheet;
    const place = document.createElement("div");
    const name = document.createElement("b");
    name.textContent = digit;
    place.append(name);
    place.classList.toggle("is-chosen", at === selected.digit);
    place.style.left = `${(100 * (left - sheetLeft)) / width}%`;
    place.style.top = `${(100 * (top - sheetTop)) / height}%`;
    place.style.width = `${(100 * (right - left)) / width}%`;
    place.style.height = `${(100 * (bottom - top)) / height}%`;
    place.classList.toggle("is-high", (top - sheetTop) / height < LABEL_HEIGHT);
    return place;
  }
});
