/** The first steps: from the ink on the sheet to the 28x28 picture that the network sees. */

import { decode } from "../tensor.js";

const SHEET = 560; // pixels of the canvas on the sheet's longer side
const FIELD = 28; // squares
const BOX = 20; // squares, into which the ink is scaled
// Pixels to the right and down, as in the library's test-time augmentation.
const LOOKS = [
  [0, 0],
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
];

const found = document.getElementById("how-found");
const fitted = document.getElementById("how-fitted");
const centred = document.getElementById("how-centred");
const seen = document.getElementById("how-seen");
const looks = document.querySelectorAll("#how-looks canvas");

/**
 * @param {object} content the answer of /explain/layers
 * @param {ImageBitmap} bitmap the posted picture
 * @param {import("../selection.js").Selected} selected
 */
export function paintPreparation({ box, preparation }, bitmap, selected) {
  const ink = colour("--ink");
  paintFound(box, bitmap, selected, ink);

  const digit = decode(preparation.fitted);
  const [height, width] = digit.shape;
  const stamp = inked(digit.data, width, ink);
  paintAt(fitted, BOX, stamp, [(BOX - width) / 2, (BOX - height) / 2]);

  const { offset, centre_of_mass: mass } = preparation;
  paintAt(centred, FIELD, stamp, offset);
  paintCross(centred, (offset[0] + mass[0]) / FIELD, (offset[1] + mass[1]) / FIELD);

  const image = decode(preparation.image);
  const whole = inked(image.data, image.shape[1], ink);
  paintAt(seen, FIELD, whole, [0, 0]);
  looks.forEach((canvas, look) => paintAt(canvas, FIELD, whole, LOOKS[look]));
}

/** Paint the sheet with all its ink, and the box around this digit's. */
function paintFound([left, top, right, bottom], bitmap, { sheet, strokes }, ink) {
  const [sheetLeft, sheetTop, width, height] = sheet;
  const zoom = SHEET / Math.max(width, height);
  found.width = Math.round(width * zoom);
  found.height = Math.round(height * zoom);
  const context = found.getContext("2d");
  context.scale(zoom, zoom);
  context.translate(-sheetLeft, -sheetTop);
  context.drawImage(strokes === null ? bitmap : inkOf(bitmap, ink), 0, 0);
  context.strokeStyle = colour("--red");
  context.lineWidth = 5 / zoom;
  context.strokeRect(left, top, right - left, bottom - top);
}

/** Return a black-on-white drawing in the page's ink, on transparent paper. */
function inkOf(bitmap, ink) {
  const { width, height } = bitmap;
  const copy = new OffscreenCanvas(width, height).getContext("2d");
  copy.drawImage(bitmap, 0, 0);
  const { data } = copy.getImageData(0, 0, width, height);
  const values = Float32Array.from({ length: width * height }, (_, k) => 1 - data[4 * k] / 255);
  return inked(values, width, ink);
}

/** Return values as ink, from transparent at 0 to opaque at 1. */
function inked(values, width, ink) {
  const height = values.length / width;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(width, height);
  values.forEach((value, k) => {
    pixels.data[4 * k + 3] = 255 * value;
  });
  context.putImageData(pixels, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = ink;
  context.fillRect(0, 0, width, height);
  return canvas;
}

/** Paint squares, the first of them at (left, top), on a canvas that is `across` squares wide. */
function paintAt(canvas, across, squares, [left, top]) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const side = canvas.width / across;
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingEnabled = false;
  const { width, height } = squares;
  context.drawImage(squares, side * left, side * top, side * width, side * height);
}

/** Mark a place, given as a share of the canvas. */
function paintCross(canvas, x, y) {
  const context = canvas.getContext("2d");
  const side = canvas.width;
  context.fillStyle = colour("--red");
  context.fillRect((x - 0.08) * side, (y - 0.005) * side, 0.16 * side, 0.01 * side);
  context.fillRect((x - 0.005) * side, (y - 0.08) * side, 0.01 * side, 0.16 * side);
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
