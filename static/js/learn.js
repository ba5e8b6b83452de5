/** Chapter 5, watch it learn: what the network would have answered during its training. */

import { percent } from "./answer.js";
import { at, chart, element, place, point } from "./chart.js";
import { showColumns } from "./columns.js";
import { explain, panel } from "./panel.js";
import { player } from "./player.js";
import { decode, onPaletteChange, scale } from "./tensor.js";

const FILTERS_IN_A_ROW = 8;
const WEIGHT = 8; // pixels of the canvas; half as many separate two filters

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
  (selected, signal) => explain(section.dataset.url, selected, signal),
  (content) => {
    snapshots = content.snapshots.map((each) => ({ ...each, filters: decode(each.filters) }));
    showChart();
    setMoments(snapshots.length, current);
  },
);
onPaletteChange(() => snapshots.length && showMoment(current));

/** Show a moment; return it in words. */
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
  if (epoch === 0) return "Before it learned anything: its weights are random numbers.";
  return `After ${passes(epoch)} through all its training images.`;
}

function how({ accuracy }) {
  if (accuracy === null) return null;
  return `It read ${share(accuracy)} of other people’s digits correctly, none of which it was trained on.`;
}

function passes(epoch) {
  if (epoch < 1) return `${Math.round(100 * epoch)}\u00a0% of one pass`;
  return epoch === 1 ? "one pass" : `${Math.round(epoch)} passes`;
}

/** Format an accuracy to a tenth of a percent, because the last steps are small. */
function share(accuracy) {
  return `${(100 * accuracy).toFixed(1)}\u00a0%`;
}

/** Show the accuracy over time, and below it how this digit would have been read. */
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
    isMeasured && `Digits read correctly: ${values.map(share).join(", ")}.`,
    `Yours would have been read as ${digits}.`,
  ].filter(Boolean).join(" ");
}

/** Paint the filters of all moments on one scale, so that their growth shows. */
function paintFilters({ shape: [count, rows, width], data }) {
  const finished = snapshots[snapshots.length - 1].filters.data;
  const sizes = [...finished].map(Math.abs).sort((a, b) => a - b);
  const colour = scale(sizes[Math.floor(0.97 * sizes.length)]); // a few weights are far larger
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
