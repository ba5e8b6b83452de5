/** Chapter 1, how it read this: from the ink to ten numbers, step by step. */

import { explain, panel } from "../panel.js";
import { get } from "../request.js";
import { selection } from "../selection.js";
import { decode, onPaletteChange, scale } from "../tensor.js";
import { Closer } from "./closer.js";
import { Maps } from "./maps.js";
import { paintOutputs } from "./outputs.js";
import { paintPreparation } from "./preparation.js";

/**
 * @typedef {import("./arithmetic.js").Pictures & {
 *   most: number,  its largest number
 *   colour: (value: number) => [number, number, number],  one scale for all its maps
 *   nameOf: (map: number) => string,
 * }} Layer
 */

const section = document.getElementById("how");
const body = section.querySelector(".chapter-body");
const live = document.getElementById("how-live");

/** The steps that make maps. `show` adds the layer that each made, the one before, and its filters. */
const steps = [...section.querySelectorAll("[data-layer]")].map((element) => ({
  name: element.dataset.layer,
  maps: new Maps(element.querySelector(".maps")),
  closer: new Closer(element.querySelector(".closer"), (text) => {
    live.textContent = text;
  }),
}));

/** The filters of each convolution by its name, requested once. */
let filters = null;
let sha256 = null; // of the network they belong to
/** The functions that paint the chapter. */
let parts = [];

for (const step of steps) {
  step.maps.addEventListener("look", () => {
    const map = step.maps.looked;
    step.closer.show(step.layer, step.before, map, step.filters?.[map] ?? null);
  });
}
panel(section, load, show);
onPaletteChange(() => parts.forEach((part) => part()));
// The next drawing does not begin with the pictures of one that was cleared.
selection.addEventListener("change", () => {
  if (selection.current === null && !selection.isPending) body.hidden = true;
});

async function load(selected, signal) {
  await loadFilters(selected.answer.model, signal);
  const content = await explain(section.dataset.layersUrl, selected, signal);
  return { content, bitmap: await createImageBitmap(selected.png) };
}

async function loadFilters(model, signal) {
  if (model.sha256 === sha256) return;
  const { layers } = await get(`${section.dataset.weightsUrl}?sha256=${model.sha256}`, signal);
  filters = Object.fromEntries(
    layers.map(({ name, weights, biases }) => [name, toFilters(decode(weights), decode(biases))]),
  );
  sha256 = model.sha256;
}

function show({ content, bitmap }, selected) {
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
    () => paintPreparation(content, bitmap, selected),
    ...steps.map((step) => () => step.maps.paint(step.layer)),
    () => paintOutputs(decoded.dense.data, decoded.probabilities.data, content),
  ];
  paint();
}

/** Paint one part a frame, so that no frame is late; stop when there is something newer. */
async function paint() {
  const mine = parts;
  for (const part of mine) {
    if (parts !== mine) return;
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

/** Regroup values: the server sends those of one place together, a picture needs those of one map. */
function planesOf(data, size, count) {
  return Array.from({ length: count }, (_, map) => {
    const plane = new Float32Array(size);
    for (let place = 0; place < size; place += 1) plane[place] = data[place * count + map];
    return plane;
  });
}
