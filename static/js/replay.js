/** Chapter 4, stroke by stroke: the drawing as it grew, and what was read on the way. */

import { percent } from "./answer.js";
import { chart, element, point } from "./chart.js";
import { enqueuePost, panel } from "./panel.js";
import { toPicture } from "./picture.js";
import { player } from "./player.js";
import { paintSheet } from "./small-sheet.js";
import { onPaletteChange } from "./tensor.js";

const MOMENTS = 28;
const MIN_PROBABILITY = 0.25; // a digit that reaches it gets a line of its own

const section = document.getElementById("replay");
const noStrokes = document.getElementById("no-strokes");
const body = document.getElementById("strokes");
const sheet = document.getElementById("replay-sheet");
const read = document.getElementById("replay-read");
const curves = document.getElementById("replay-curves");
const plot = document.getElementById("replay-plot");
const ribbon = document.getElementById("replay-ribbon");
const told = document.getElementById("replay-told");

/** The PNG that is replayed, the width of its sheet, and each moment's strokes and answer. */
let shown = { png: null, width: 0, moments: [] };
let current = 0;
const setMoments = player(section, 160, showMoment);

panel(
  section,
  async (selected, signal) => {
    if (selected.strokes === null || selected.png === shown.png) return null;
    const moments = [];
    for (let k = 1; k < MOMENTS; k += 1) {
      const strokes = beginning(selected.strokes, k / MOMENTS);
      const { png } = await toPicture(strokes, selected.width);
      const answer = await enqueuePost(section.dataset.url, png, signal);
      moments.push({ strokes, answer });
    }
    return [...moments, { strokes: selected.strokes, answer: selected.answer }];
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
onPaletteChange(() => shown.png && showMoment(current));

/** Show a moment; return what was read then, in words. */
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

/** Show the probabilities over time; of a single digit only, because each digit has its own ten. */
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
  const likely = lines.filter(({ values }) => Math.max(...values) >= MIN_PROBABILITY);
  chart(plot, likely);
  const names = likely.map(({ name, values }) => `${name} up to ${percent(Math.max(...values))}`);
  plot.ariaLabel = `How likely each digit was while you drew: ${names.join(", ")}`;
}

/** Show one piece for each run of equal answers. */
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

/** Hide an answer that does not fit into its piece: a part of it would be another number. */
function hideCutOff() {
  for (const piece of ribbon.children) {
    piece.classList.toggle("is-cut-off", piece.scrollWidth > piece.clientWidth);
  }
}

/** Mark the piece of a moment. */
function showPiece(moment) {
  let end = 0;
  for (const piece of ribbon.children) {
    const start = end;
    end += Number(piece.style.flexGrow);
    piece.classList.toggle("now", start <= moment && moment < end);
  }
}

/** Return the strokes up to a share of their length; a dot is as long as its pen is wide. */
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

/** Return the points up to a length along them. */
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
