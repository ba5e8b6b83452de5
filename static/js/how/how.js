/** Chapter 1, how it read this: from the ink to ten numbers, step by step. */

import { explain, panel } from "../panel.js";
import { get } from "../request.js";
import { subject } from "../subject.js";
import { decode, onSchemeChange, scale } from "../tensor.js";
import { Closer } from "./closer.js";
import { Maps } from "./maps.js";
import { paintOutputs } from "./outputs.js";
import { paintPreparation } from "./preparation.js";

/**
 * @typedef {import("./arithmetic.js").Pictures & {
 *   most: number,  the largest number in it
 *   colour: (value: number) => [number, number, number],  one scale for all of its maps
 *   nameOf: (map: number) => string,
 * }} Layer
 */

const section = document.getElementById("how");
const body = section.querySelector(".chapter-body");
const live = document.getElementById("how-live");

/** The steps that make maps: each has what it made (a layer), from what, and by which filters. */
const steps = [...section.querySelectorAll("[data-layer]")].map((element) => ({
  name: element.dataset.layer,
  maps: new Maps(element.querySelector(".maps")),
  closer: new Closer(element.querySelector(".closer"), (text) => {
    live.textContent = text;
  }),
}));

/** The filters of each convolution, by its name; asked for once. */
let filters = null;
let sha256 = null; // of the network that they belong to
/** What there is to paint. */
let parts = [];

for (const step of steps) {
  step.maps.addEventListener("look", () => {
    const map = step.maps.looked;
    step.closer.show(step.layer, step.before, map, step.filters?.[map] ?? null);
  });
}
panel(section, load, show);
onSchemeChange(paint);
// A cleared drawing is gone: the next one does not begin with its pictures.
subject.addEventListener("change", () => {
  if (subject.current === null && !subject.isExpected) body.hidden = true;
});

async function load(matter, signal) {
  await loadFilters(matter.answer.model, signal);
  const content = await explain(section.dataset.layersUrl, matter, signal);
  return { content, bitmap: await createImageBitmap(matter.png) };
}

async function loadFilters(model, signal) {
  if (model.sha256 === sha256) return;
  const { layers } = await get(`${section.dataset.weightsUrl}?sha256=${model.sha256}`, signal);
  filters = Object.fromEntries(
    layers.map(({ name, weights, biases }) => [name, toFilters(decode(weights), decode(biases))]),
  );
  sha256 = model.sha256;
}

function show({ content, bitmap }, matter) {
  body.hidden = false;
  const image = decode(content.preparation.image);
  const decoded = Object.fromEntries(
    content.layers.map(({ name, activations }) => [name, decode(activations)]),
  );
  const seen = { shape: [...image.shape, 1], data: image.data };
  const layers = [toLayer(seen, () => "what the network sees")];
  for (const step of steps) {
    const title = step.name.replace("_", " ");
    step.before = layers.at(-1);
    step.layer = toLayer(decoded[step.name], (map) => `Feature map ${map + 1} of ${title}`);
    step.filters = filters[step.name];
    layers.push(step.layer);
  }
  parts = [
    () => {
      for (const layer of layers) layer.colour = scale(layer.most);
    },
    () => paintPreparation(content, bitmap, matter),
    ...steps.map((step) => () => step.maps.paint(step.layer)),
    () => paintOutputs(decoded.dense.data, decoded.probabilities.data, content),
  ];
  paint();
}

/** One part a frame, so that none of them is late; begins anew where there is something newer. */
async function paint() {
  const newest = [...parts];
  parts = newest;
  for (const part of newest) {
    if (parts !== newest) return;
    part();
    await new Promise(requestAnimationFrame);
  }
}

/** @returns {Layer} */
function toLayer({ shape: [height, width, count], data }, nameOf) {
  const planes = planesOf(data, height * width, count);
  const most = Math.max(...planes.map((plane) => Math.max(...plane)));
  return { width, planes, most, colour: null, nameOf };
}

/** @returns {import("./arithmetic.js").Filter[]} */
function toFilters({ shape: [count, side, , maps], data }, biases) {
  const size = side * side * maps;
  return Array.from({ length: count }, (_, filter) => ({
    side,
    slices: planesOf(data.subarray(filter * size, (filter + 1) * size), side * side, maps),
    bias: biases.data[filter],
  }));
}

/** The server sends the numbers of one place together; pictures need those of one map together. */
function planesOf(data, size, count) {
  return Array.from({ length: count }, (_, map) => {
    const plane = new Float32Array(size);
    for (let place = 0; place < size; place += 1) plane[place] = data[place * count + map];
    return plane;
  });
}
