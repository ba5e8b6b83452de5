/** Stroke by stroke: the drawing as it grew, and what was read in it on the way. */

import { percent } from "./answer.js";
import { chart, element, point } from "./chart.js";
import { panel, postInLine } from "./panel.js";
import { toPicture } from "./picture.js";
import { player } from "./player.js";
import { paintSheet } from "./small-sheet.js";
import { onSchemeChange } from "./tensor.js";

const MOMENTS = 28;
const MATTERED = 0.25; // the probability from which a digit gets a line of its own

const section = document.getElementById("replay");
const noStrokes = document.getElementById("no-strokes");
const body = document.getElementById("strokes");
const sheet = document.getElementById("replay-sheet");
const read = document.getElementById("replay-read");
const curves = document.getElementById("replay-curves");
const plot = document.getElementById("replay-plot");
const ribbon = document.getElementById("replay-ribbon");
const told = document.getElementById("replay-told");

/** What is shown: of which PNG, the width of its sheet, each moment's strokes and answer. */
let shown = { png: null, width: 0, moments: [] };
let current = 0;
const setMoments = player(section, 160, showMoment);

panel(
  section,
  async (matter, signal) => {
    if (matter.strokes === null || matter.png === shown.png) return null;
    const moments = [];
    for (let k = 1; k < MOMENTS; k += 1) {
      const strokes = beginning(matter.strokes, k / MOMENTS);
      const { png } = await toPicture(strokes, matter.width);
      const answer = await postInLine(section.dataset.url, png, signal);
      moments.push({ strokes, answer });
    }
    return [...moments, { strokes: matter.strokes, answer: matter.answer }];
  },
  (moments, { strokes, png, width }) => {
    noStrokes.hidden = strokes !== null;
    body.hidden = strokes === null;
    if (moments === null) return;
    shown = { png, width, moments };
    const texts = moments.map(({ answer }) => answer.text?.replaceAll("\n", " ") ?? "?");
    showChart(moments);
    showRibbon(texts);
    setMoments(moments.length, moments.length - 1);
  },
);
new ResizeObserver(hideCutOff).observe(ribbon);
onSchemeChange(() => shown.png && showMoment(current));

/** @returns {string} what was read at that moment, in words */
function showMoment(moment) {
  current = moment;
  const { width, moments } = shown;
  const { strokes, answer } = moments[moment];
  paintSheet(sheet, width, strokes);
  point(plot, moment, moments.length);
  showPiece(moment);
  read.textContent = answer.text ?? "?";
  read.dataset.length = Math.min(read.textContent.length, 4);
  told.textContent = answer.reason ?? `${percent(leastConfidence(answer))} sure`;
  return `${answer.text ?? "unsure"}, ${told.textContent}`;
}

/** Only while there was one digit do ten probabilities say it all. */
function showChart(moments) {
  const last = moments[moments.length - 1].answer.digits;
  curves.hidden = last.length !== 1;
  const lines = [...Array(10).keys()].map((digit) => ({
    name: `${digit}`,
    isMain: digit === last[0].digit,
    values: moments.map(({ answer: { digits } }) =>
      digits.length === 1 ? digits[0].probabilities[digit] : null,
    ),
  }));
  const mattered = lines.filter(({ values }) => Math.max(...values) >= MATTERED);
  chart(plot, mattered);
  const names = mattered.map(({ name, values }) => `${name} up to ${percent(Math.max(...values))}`);
  plot.ariaLabel = `How likely each digit was while you drew: ${names.join(", ")}`;
}

/** One piece for each time that the same was read. */
function showRibbon(texts) {
  const changes = [...texts.keys()].filter((k) => texts[k] !== texts[k - 1]);
  ribbon.replaceChildren(
    ...changes.map((start, k) => {
      const piece = element("piece", texts[start]);
      piece.style.flexGrow = (changes[k + 1] ?? texts.length) - start;
      return piece;
    }),
  );
  hideCutOff();
  const words = changes.map((start) => (texts[start] === "?" ? "unsure" : texts[start]));
  ribbon.ariaLabel = `What it answered while you drew: ${words.join(", then ")}`;
}

/** Of what does not fit into its piece, a part would be another number. */
function hideCutOff() {
  for (const piece of ribbon.children) {
    piece.classList.toggle("is-cut-off", piece.scrollWidth > piece.clientWidth);
  }
}

/** Marks the piece of a moment. */
function showPiece(moment) {
  let end = 0;
  for (const piece of ribbon.children) {
    const start = end;
    end += Number(piece.style.flexGrow);
    piece.classList.toggle("now", start <= moment && moment < end);
  }
}

/** The strokes up to a share of their length; a dot counts as long as the pen is wide. */
function beginning(strokes, share) {
  const lengths = strokes.map(lengthOf);
  let left = share * lengths.reduce((total, length) => total + length, 0);
  const begun = [];
  for (const [k, stroke] of strokes.entries()) {
    if (left <= 0) break;
    begun.push(left < lengths[k] ? { ...stroke, points: cut(stroke.points, left) } : stroke);
    left -= lengths[k];
  }
  return begun;
}

function lengthOf({ width, points }) {
  return points.reduce((total, here, k) => total + (k ? distance(points[k - 1], here) : 0), width);
}

/** The points up to a length along them. */
function cut(points, length) {
  const passed = [points[0]];
  let left = length;
  for (let k = 1; k < points.length; k += 1) {
    const step = distance(points[k - 1], points[k]);
    if (step >= left) {
      const [from, to, part] = [points[k - 1], points[k], left / step];
      const between = (a, b) => a + part * (b - a);
      return [...passed, { ...to, x: between(from.x, to.x), y: between(from.y, to.y) }];
    }
    passed.push(points[k]);
    left -= step;
  }
  return passed;
}

function distance(one, other) {
  return Math.hypot(other.x - one.x, other.y - one.y);
}

function leastConfidence({ digits }) {
  return Math.min(...digits.map((digit) => digit.confidence));
}
