/** What if: the drawing moved, turned, drawn by another pen or prepared otherwise. */

import { percent } from "./answer.js";
import { showColumns } from "./columns.js";
import { explain, panel } from "./panel.js";
import { emptySheet } from "./small-sheet.js";
import { HEIGHT, paint } from "./sheet.js";
import { subject } from "./subject.js";
import { onSchemeChange } from "./tensor.js";

const FIELD = 28; // squares: the longer side of a sheet
const PENS = 6; // steps of the slider from one width to twice that
const REST = 600; // milliseconds after which whoever moves a slider has come to rest
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
/** The timer that says aloud what is read. */
let resting;

// Before the panel hears of it, which then asks about the new drawing as it is.
subject.addEventListener("change", () => {
  clearTimeout(resting);
  if (subject.current !== null) showAltered(NEUTRAL);
});

const readAgain = panel(
  section,
  async (matter, signal) => {
    const asked = altered;
    const switches = { fit: Number(asked.fit), centre: Number(asked.centre) };
    const parameters = { ...asked, ...switches, sheet: matter.sheet };
    return { asked, reading: await explain(section.dataset.url, matter, signal, parameters) };
  },
  ({ asked, reading }, matter) => {
    const isFlipped = reading.digit !== matter.reading.digit;
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
  (matter, signal) => explain(least.dataset.url, matter, signal, { sheet: matter.sheet }),
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
onSchemeChange(paintAltered);
showAltered(NEUTRAL);

function alter(alteration) {
  showAltered(alteration);
  section.classList.add("is-waiting");
  readAgain();
  clearTimeout(resting);
  resting = setTimeout(announce, REST);
}

/** Says what is read, once it is of what is set. */
function announce() {
  if (section.classList.contains("is-waiting")) resting = setTimeout(announce, REST);
  else announcement.textContent = `${told.textContent} ${lesson.textContent}`;
}

/** Sets the sliders and switches, and paints the drawing so. */
function showAltered(alteration) {
  altered = alteration;
  const { right, down, turn, pen } = alteration;
  setSlider("right", right, sideways(right) ?? "as it is");
  setSlider("down", down, upright(down) ?? "as it is");
  setSlider("turn", turn, turned(turn) ?? "as it is");
  setSlider("pen", PENS * Math.log2(pen), pen === 1 ? "as it is" : `${times(pen)} as wide`);
  form.elements.fit.checked = alteration.fit;
  form.elements.centre.checked = alteration.centre;
  lesson.textContent = toLearn(alteration);
  paintAltered();
}

function setSlider(name, value, words) {
  const slider = form.elements[name];
  slider.value = value;
  slider.ariaValueText = words;
  slider.parentElement.querySelector(".slider-value").textContent = words;
}

/** The other digits of a number stay where they are, pale. */
function paintAltered() {
  const matter = subject.current;
  sheet.parentElement.hidden = !matter?.strokes;
  if (!matter?.strokes) return;
  const { strokes, width } = matter;
  const context = emptySheet(sheet, width);
  const { own, middle } = ownStrokes(matter);
  context.globalAlpha = 0.25;
  paint(context, strokes.filter((stroke) => !own.includes(stroke)));
  context.globalAlpha = 1;
  const square = Math.max(width, HEIGHT) / FIELD;
  context.translate(middle.x + altered.right * square, middle.y + altered.down * square);
  context.rotate((altered.turn * Math.PI) / 180);
  context.translate(-middle.x, -middle.y);
  paint(context, own.map((stroke) => ({ ...stroke, width: stroke.width * altered.pen })));
}

/** The strokes of the chosen digit, and the middle of its box, in units of the sheet. */
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

/** What is to be learned from what was changed. */
function toLearn({ right, down, fit, centre }) {
  const isMoved = right !== 0 || down !== 0;
  if (isMoved && centre) {
    return "Moving it makes no difference: it is put back in the middle. Switch that off, and see.";
  }
  if (isMoved) {
    return "Nothing puts it back in the middle now; the network learned from centred digits.";
  }
  if (!centre) return "It stays where it lies on the sheet now. Move it, and see.";
  if (!fit) {
    return "It keeps the size it was drawn in; the network learned from digits 20 squares tall.";
  }
  return "";
}

/** One of the least changes: in words, as a picture, and to be tried. */
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
  const moves = [sideways(right), upright(down)].filter(Boolean);
  const place = moves.length > 0 ? `Moved ${moves.join(" and ")}` : "Left where it lies";
  return `${place}, not centred`;
}

function sideways(right) {
  return right === 0 ? null : `${squares(right)} ${right > 0 ? "right" : "left"}`;
}

function upright(down) {
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
