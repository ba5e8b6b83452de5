/** A drawing on a small sheet. */

import { HEIGHT, paint } from "./sheet.js";

const FINENESS = 2; // pixels for each unit

/**
 * Empties the canvas for a sheet of this width, in whose units one then draws on it.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width units of the sheet
 * @returns {CanvasRenderingContext2D}
 */
export function emptySheet(canvas, width) {
  canvas.width = FINENESS * width;
  canvas.height = FINENESS * HEIGHT;
  canvas.style.setProperty("--rows", (28 * HEIGHT) / width);
  const context = canvas.getContext("2d");
  context.scale(FINENESS, FINENESS);
  context.strokeStyle = getComputedStyle(canvas).color;
  return context;
}

/** @param {import("./sheet.js").Stroke[]} strokes */
export function paintSheet(canvas, width, strokes) {
  paint(emptySheet(canvas, width), strokes);
}
