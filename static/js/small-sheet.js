/** Paint a drawing on a small sheet. */

import { HEIGHT, paint } from "./sheet.js";

const SCALE = 2; // pixels for each unit

/**
 * Empty the canvas and give it the size of a sheet; return its context, which draws in units.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width units of the sheet
 * @returns {CanvasRenderingContext2D}
 */
export function emptySheet(canvas, width) {
  canvas.width = SCALE * width;
  canvas.height = SCALE * HEIGHT;
  canvas.style.setProperty("--rows", (28 * HEIGHT) / width);
  const context = canvas.getContext("2d");
  context.scale(SCALE, SCALE);
  context.strokeStyle = getComputedStyle(canvas).color;
  return context;
}

/** @param {import("./sheet.js").Stroke[]} strokes */
export function paintSheet(canvas, width, strokes) {
  paint(emptySheet(canvas, width), strokes);
}
