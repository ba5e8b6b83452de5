/** Chapter 2, why: which ink spoke for a digit, and which against it. */

import { percent } from "./answer.js";
import { explain, panel } from "./panel.js";
import { decode, onPaletteChange, paintValues, paletteColour } from "./tensor.js";

const SIDE = 28;
const MIN_SCALE = 1; // nats: weaker ink does not get the full colour
const LITTLE = 0.12; // a share of all heat below which a side is hardly worth a word
const MOST = 0.45; // the share of a side's heat from which a third of the ink is named

const section = document.getElementById("why");
const canvas = document.getElementById("heat");
const told = document.getElementById("why-told");
const choices = [...section.querySelectorAll(".choice")];

let shown = null;

panel(
  section,
  async (selected, signal) => {
    const { heat } = await explain(section.dataset.url, selected, signal);
    return { heat: decode(heat).data, ink: await inkOf(selected.reading.image) };
  },
  ({ heat, ink }, { reading }) => {
    shown = { heat, ink, reading };
    choices.forEach((choice, digit) => {
      choice.querySelector("span").textContent = percent(reading.probabilities[digit]);
      choice.classList.toggle("likeliest", digit === reading.digit);
    });
    choices[reading.digit].querySelector("input").checked = true;
    showHeat(reading.digit);
  },
);
section.querySelector("fieldset").addEventListener("change", (event) => {
  if (shown) showHeat(Number(event.target.value));
});
onPaletteChange(() => {
  if (shown) showHeat(choices.findIndex((choice) => choice.querySelector("input").checked));
});

function showHeat(digit) {
  const { heat, ink, reading } = shown;
  const own = heat.subarray(digit * SIDE ** 2, (digit + 1) * SIDE ** 2);
  const most = Math.max(MIN_SCALE, ...own.map(Math.abs));
  const [paper, grey, blue, red] = ["--paper", "--edge", "--ink", "--red"].map(paletteColour);
  // Ink without heat is grey.
  paintValues(canvas, [...own.keys()], SIDE, (k) => {
    const inked = mix(paper, grey, ink[k]);
    return mix(inked, own[k] < 0 ? red : blue, Math.abs(own[k]) / most);
  });
  const name = digit === reading.digit ? `the ${digit}` : `a ${digit}`;
  told.textContent = inWords(own, name);
  canvas.ariaLabel = `Your digit, its ink coloured by how far it spoke for ${name}`;
}

function inWords(heat, name) {
  const [forIt, againstIt] = [1, -1].map((sign) => heat.map((value) => Math.max(sign * value, 0)));
  const all = sum(forIt) + sum(againstIt);
  const spoke = (strengths, side) => {
    if (sum(strengths) < LITTLE * all) return `Hardly any ink spoke ${side}.`;
    const where = placeOf(strengths);
    return where
      ? `Most of what spoke ${side} is ${where}.`
      : `What spoke ${side} is spread over all the ink.`;
  };
  return `${spoke(forIt, `for ${name}`)} ${spoke(againstIt, "against it")}`;
}

/** Return in words where on the ink most of it is; null if that is nowhere in particular. */
function placeOf(strengths) {
  const { ink } = shown;
  const inked = [...ink.keys()].filter((k) => ink[k] > 0.1);
  const row = third(inked, strengths, (k) => Math.floor(k / SIDE));
  const column = third(inked, strengths, (k) => k % SIDE);
  if (row === 1 && column === 1) return "in the middle";
  const across = ["on the left", row === null && "down the middle", "on the right"][column];
  const down = ["at the top", "across the middle", "at the bottom"][row];
  return [down, across].filter(Boolean).join(", ") || null;
}

/** Return which third of the ink along one axis has most of it, 0 to 2; null if none has. */
function third(inked, strengths, coordinate) {
  const places = inked.map(coordinate);
  const [start, end] = [Math.min(...places), Math.max(...places) + 1];
  if (end - start < 6) return null; // too narrow to have thirds, as a 1 is
  const shares = [0, 0, 0];
  for (const k of inked) {
    shares[Math.floor((3 * (coordinate(k) - start)) / (end - start))] += strengths[k];
  }
  const most = Math.max(...shares);
  return most > MOST * sum(shares) ? shares.indexOf(most) : null;
}

/** Mix two colours. */
function mix(from, to, part) {
  return from.map((start, k) => start + part * (to[k] - start));
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

/** Return the ink, 0 to 1, of a 28x28 picture in a data URL. */
async function inkOf(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const context = new OffscreenCanvas(SIDE, SIDE).getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  return Float32Array.from({ length: SIDE ** 2 }, (_, k) => data[4 * k] / 255);
}
