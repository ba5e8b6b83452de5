/** Chapter 3, what if: the drawing moved, turned, drawn with another pen or prepared differently. */

import { percent } from "./answer.js";
import { showColumns } from "./columns.js";
import { explain, panel } from "./panel.js";
import { emptySheet } from "./small-sheet.js";
import { HEIGHT, paint } from "./sheet.js";
import { selection } from "./selection.js";
import { onPaletteChange } from "./tensor.js";

const FIELD = 28; // squares on the longer side of a sheet
const PENS = 6; // steps of the slider from one width to twice that
const REST = 600; // milliseconds without a change after which screen readers hear the answer
const NEUTRAL = { right: 0, down: 0, turn: 0, pen: 1, fit: true, centre: true };

const section = document.getElementById("what-if");
const sheet = document.getElementById("altered-sheet");
const seen = document.getElementById("altered-seen");
const read = document.getElementById("altered-read");
const columns = document.getElementById("altered-columns");
const told = document.getElementById("what-if-told");
const lesson = document.getElementById("lesson");
const form = document.getElementById("alter");
const least = document.getElementById("least");
const changes = document.getElementById("changes");
const noChanges = document.getElementById("no-changes");
const template = document.getElementById("change");
const announcement = document.getElementById("what-if-announcement");

let altered = NEUTRAL;
/** The timer for the announcement. */
let resting;

// Registered before the panel's own listener, which then asks about the unaltered new drawing.
selection.addEventListener("change", () => {
  clearTimeout(resting);
  if (selection.current !== null) showAltered(NEUTRAL);
});

const readAgain = panel(
  section,
  async (selected, signal) => {
    const asked = altered;
    const switches = { fit: Number(asked.fit), centre: Number(asked.centre) };
    const parameters = { ...asked, ...switches, sheet: selected.sheet };
    return { asked, reading: await explain(section.dataset.url, selected, signal, parameters) };
  },
  ({ asked, reading }, selected) => {
    const isFlipped = reading.digit !== selected.reading.digit;
    seen.src = reading.image;
    showColumns(columns, reading);
    read.textContent = reading.digit;
    read.classList.toggle("flipped", isFlipped);
    section.classList.toggle("is-waiting", asked !== altered);
    const certainty = percent(reading.probabilities[reading.digit]);
    const still = asked === NEUTRAL ? "" : "still ";
    const guess = isFlipped ? "It changes its mind: " : `Its best guess is ${still}`;
    told.textContent = `${guess}${reading.digit}, with ${certainty}.`;
  },
);

panel(
  least,
  (selected, signal) => explain(least.dataset.url, selected, signal, { sheet: selected.sheet }),
  (content) => {
    noChanges.hidden = content.changes.length > 0;
    changes.replaceChildren(...content.changes.map(item));
  },
);

form.addEventListener("input", ({ target }) => {
  const value = target.type === "checkbox" ? target.checked : target.valueAsNumber;
  alter({ ...altered, [target.name]: target.name === "pen" ? 2 ** (value / PENS) : value });
});
form.addEventListener("reset", (event) => {
  event.preventDefault();
  alter(NEUTRAL);
});
onPaletteChange(paintAltered);
showAltered(NEUTRAL);

function alter(alteration) {
  showAltered(alteration);
  section.classList.add("is-waiting");
  readAgain();
  clearTimeout(resting);
  resting = setTimeout(announce, REST);
}

/** Announce the answer, once it is about the alteration shown. */
function announce() {
  if (section.classList.contains("is-waiting")) resting = setTimeout(announce, REST);
  else announcement.textContent = `${told.textContent} ${lesson.textContent}`;
}

/** Set the sliders and switches, and paint the altered drawing. */
function showAltered(alteration) {
  altered = alteration;
  const { right, down, turn, pen } = alteration;
  setSlider("right", right, horizontally(right) ?? "as it is");
  setSlider("down", down, vertically(down) ?? "as it is");
  setSlider("turn", turn, turned(turn) ?? "as it is");
  setSlider("pen", PENS * Math.log2(pen), pen === 1 ? "as it is" : `${times(pen)} as wide`);
  form.elements.fit.checked = alteration.fit;
  form.elements.centre.checked = alteration.centre;
  lesson.textContent = lessonOf(alteration);
  paintAltered();
}

function setSlider(name, value, words) {
  const slider = form.elements[name];
  slider.value = value;
  slider.ariaValueText = words;
  slider.parentElement.querySelector(".slider-value").textContent = words;
}

/** Paint the selected digit altered, and the other digits of a number pale where they are. */
function paintAltered() {
  const selected = selection.current;
  sheet.parentElement.hidden = !selected?.strokes;
  if (!selected?.strokes) return;
  const { strokes, width } = selected;
  const context = emptySheet(sheet, width);
  const { own, middle } = ownStrokes(selected);
  context.globalAlpha = 0.25;
  paint(context, strokes.filter((stroke) => !own.includes(stroke)));
  context.globalAlpha = 1;
  const square = Math.max(width, HEIGHT) / FIELD;
  context.translate(middle.x + altered.right * square, middle.y + altered.down * square);
  context.rotate((altered.turn * Math.PI) / 180);
  context.translate(-middle.x, -middle.y);
  paint(context, own.map((stroke) => ({ ...stroke, width: stroke.width * altered.pen })));
}

/** Return the strokes of the selected digit and the middle of its box, in units of the sheet. */
function ownStrokes({ strokes, width, sheet: [sheetLeft, sheetTop, sheetWidth], reading, answer }) {
  const unit = width / sheetWidth;
  const [left, top, right, bottom] = reading.box.map(
    (edge, k) => (edge - (k % 2 ? sheetTop : sheetLeft)) * unit,
  );
  const isOwn = ({ points }) => {
    const x = mean(points.map((point) => point.x));
    const y = mean(points.map((point) => point.y));
    return x >= left && x <= right && y >= top && y <= bottom;
  };
  const own = answer.digits.length > 1 ? strokes.filter(isOwn) : strokes;
  return { own, middle: { x: (left + right) / 2, y: (top + bottom) / 2 } };
}

/** Return what the alteration teaches. */
function lessonOf({ right, down, fit, centre }) {
  const isMoved = right !== 0 || down !== 0;
  if (isMoved && centre) {
    return "Moving it makes no difference: it is centred again. Switch that off, and see.";
  }
  if (isMoved) {
    return "It is not centred now, but the network learned from centred digits.";
  }
  if (!centre) return "It stays where it is on the sheet now. Move it, and see.";
  if (!fit) {
    return "It keeps its size now, but the network learned from digits 20 squares tall.";
  }
  return "";
}

/** Return one of the least changes in words and as a picture, with a button to try it. */
function item(change) {
  const copy = template.content.cloneNode(true);
  const words = inWords(change.alteration);
  copy.querySelector("img").src = change.image;
  const certainty = percent(change.probabilities[change.digit]);
  const text = copy.querySelector("p");
  text.append(`${words}, it would read `, bold(change.digit), ` (${certainty}).`);
  const button = copy.querySelector("button");
  button.ariaLabel = `Try it: ${words}`;
  button.addEventListener("click", () => {
    alter(change.alteration);
    sheet.parentElement.parentElement.scrollIntoView({ block: "nearest" });
  });
  return copy;
}

function inWords({ right, down, turn, pen, centre }) {
  if (turn !== 0) return `Turned ${turned(turn)}`;
  if (pen !== 1) return `Drawn with a pen ${times(pen)} as wide`;
  if (centre) return "As it is";
  const moves = [horizontally(right), vertically(down)].filter(Boolean);
  const place = moves.length > 0 ? `Moved ${moves.join(" and ")}` : "Left in its place";
  return `${place}, not centred`;
}

function horizontally(right) {
  return right === 0 ? null : `${squares(right)} ${right > 0 ? "right" : "left"}`;
}

function vertically(down) {
  return down === 0 ? null : `${squares(down)} ${down > 0 ? "down" : "up"}`;
}

function turned(degrees) {
  return degrees === 0 ? null : `${Math.abs(degrees)}° to the ${degrees > 0 ? "right" : "left"}`;
}

function squares(count) {
  return Math.abs(count) === 1 ? "1 square" : `${Math.abs(count)} squares`;
}

function times(factor) {
  return `${Number(factor.toFixed(factor < 1 ? 2 : 1))} times`;
}

function bold(words) {
  const element = document.createElement("b");
  element.textContent = words;
  return element;
}

function mean(values) {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
