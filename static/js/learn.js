/** Watch it learn: what the network would have answered at moments of its training. */

import { percent } from "./answer.js";
import { at, chart, element, place, point } from "./chart.js";
import { showColumns } from "./columns.js";
import { explain, panel } from "./panel.js";
import { player } from "./player.js";
import { decode, onSchemeChange, scale } from "./tensor.js";

const FILTERS_IN_A_ROW = 8;
const WEIGHT = 8; // pixels of the canvas, of which a filter's gap is one half of one weight

const section = document.getElementById("learn");
const told = document.getElementById("learn-told");
const read = document.getElementById("learn-read");
const columns = document.getElementById("learn-columns");
const canvas = document.getElementById("filters");
const plot = document.getElementById("learn-plot");

let snapshots = [];
let current = 0;
const setMoments = player(section, 900, showMoment);

panel(
  section,
  (matter, signal) => explain(section.dataset.url, matter, signal),
  (content) => {
    snapshots = content.snapshots.map((each) => ({ ...each, filters: decode(each.filters) }));
    showChart();
    setMoments(snapshots.length, current);
  },
);
onSchemeChange(() => snapshots.length && showMoment(current));

/** @returns {string} the moment in words */
function showMoment(moment) {
  current = moment;
  const snapshot = snapshots[moment];
  read.textContent = snapshot.digit;
  showColumns(columns, snapshot);
  paintFilters(snapshot.filters);
  point(plot, moment, snapshots.length);
  plot.querySelectorAll(".snapshot").forEach((mark, k) => mark.classList.toggle("now", k === moment));
  told.textContent = [when(snapshot), how(snapshot)].filter(Boolean).join(" ");
  const certainty = percent(snapshot.probabilities[snapshot.digit]);
  return `${when(snapshot)} It would have answered ${snapshot.digit}, ${certainty} sure.`;
}

function when({ epoch }) {
  if (epoch === 0) return "Before it learned anything: its weights are drawn by lot.";
  return `After ${passes(epoch)} through all its training images.`;
}

function how({ accuracy }) {
  if (accuracy === null) return null;
  return `Of other people’s digits, kept apart from its training, it read ${share(accuracy)} rightly.`;
}

function passes(epoch) {
  if (epoch < 1) return `${Math.round(100 * epoch)}\u00a0% of one pass`;
  return epoch === 1 ? "one pass" : `${Math.round(epoch)} passes`;
}

/** To a tenth of a percent, for the last steps are small. */
function share(accuracy) {
  return `${(100 * accuracy).toFixed(1)}\u00a0%`;
}

/** How many other digits it read rightly over time, and below it what it made of this one. */
function showChart() {
  const values = snapshots.map(({ accuracy }) => accuracy);
  const isMeasured = values.every((value) => value !== null);
  chart(plot, isMeasured ? [{ name: share(Math.max(...values)), values, isMain: true }] : []);
  snapshots.forEach(({ digit, epoch }, k) => {
    const mark = at(element("snapshot", digit), place(k, snapshots.length), 0);
    mark.append(element("snapshot-epoch", epoch < 1 && epoch > 0 ? "½" : Math.round(epoch)));
    plot.append(mark);
  });
  const digits = snapshots.map(({ digit }) => digit).join(", ");
  plot.ariaLabel = [
    isMeasured && `Digits read rightly: ${values.map(share).join(", ")}.`,
    `Yours would have been read as ${digits}.`,
  ].filter(Boolean).join(" ");
}

/** All moments in the same scale, so that one sees the weights grow. */
function paintFilters({ shape: [count, rows, width], data }) {
  const finished = snapshots[snapshots.length - 1].filters.data;
  const sizes = [...finished].map(Math.abs).sort((a, b) => a - b);
  const colour = scale(sizes[Math.floor(0.97 * sizes.length)]); // a few are far larger
  const side = width * WEIGHT + WEIGHT / 2;
  canvas.width = FILTERS_IN_A_ROW * side;
  canvas.height = Math.ceil(count / FILTERS_IN_A_ROW) * side;
  const context = canvas.getContext("2d");
  data.forEach((value, k) => {
    const filter = Math.floor(k / (rows * width));
    const row = Math.floor(k / width) % rows;
    const left = (filter % FILTERS_IN_A_ROW) * side + (k % width) * WEIGHT;
    const top = Math.floor(filter / FILTERS_IN_A_ROW) * side + row * WEIGHT;
    context.fillStyle = `rgb(${colour(value).join(" ")})`;
    context.fillRect(left, top, WEIGHT, WEIGHT);
  });
}
