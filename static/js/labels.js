/** Writes each digit over its place on the sheet, like a teacher; never where it may be out of date. */

import { subject } from "./subject.js";

const ROOM = 0.12; // of the sheet's height: what a label above a digit needs
const CROWD = 8; // more labels than this are small

const layer = document.getElementById("places");

subject.addEventListener("change", () => {
  const matter = subject.current;
  // A digit drawn alone needs no label; in a picture, one sees what was found.
  const isShown = matter !== null && (matter.answer.digits.length > 1 || matter.strokes === null);
  layer.dataset.verdict = matter?.answer.verdict ?? "";
  layer.classList.toggle("is-crowded", matter?.answer.digits.length > CROWD);
  layer.replaceChildren(...(isShown ? matter.answer.digits.map(label) : []));

  function label({ digit, box: [left, top, right, bottom] }, at) {
    const [sheetLeft, sheetTop, width, height] = matter.sheet;
    const place = document.createElement("div");
    const name = document.createElement("b");
    name.textContent = digit;
    place.append(name);
    place.classList.toggle("is-chosen", at === matter.digit);
    place.style.left = `${(100 * (left - sheetLeft)) / width}%`;
    place.style.top = `${(100 * (top - sheetTop)) / height}%`;
    place.style.width = `${(100 * (right - left)) / width}%`;
    place.style.height = `${(100 * (bottom - top)) / height}%`;
    place.classList.toggle("is-high", (top - sheetTop) / height < ROOM);
    return place;
  }
});
