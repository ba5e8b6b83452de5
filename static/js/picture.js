/** Strokes -> the PNG that is posted: only the ink, and no larger than reading it needs. */

import { PEN_WIDTH, paint } from "./drawing.js";

const INK_SIDE = 80; // pixels: four for each pixel of the 20x20 box that the server scales ink into
const MARGIN = 4; // pixels of paper around the ink, by which the server knows the paper

/**
 * @param {import("./drawing.js").Stroke[]} strokes at least one
 * @returns {Promise<Blob>}
 */
export function toPng(strokes) {
  const xs = strokes.flat().map((point) => point.x);
  const ys = strokes.flat().map((point) => point.y);
  const left = Math.min(...xs) - PEN_WIDTH / 2;
  const top = Math.min(...ys) - PEN_WIDTH / 2;
  const width = Math.max(...xs) + PEN_WIDTH / 2 - left;
  const height = Math.max(...ys) + PEN_WIDTH / 2 - top;
  const scale = INK_SIDE / Math.max(width, height);

  const canvas = new OffscreenCanvas(
    Math.ceil(width * scale) + 2 * MARGIN,
    Math.ceil(height * scale) + 2 * MARGIN,
  );
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.translate(MARGIN, MARGIN);
  context.scale(scale, scale);
  context.translate(-left, -top);
  paint(context, strokes);
  return canvas.convertToBlob({ type: "image/png" });
}
