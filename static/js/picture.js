/** Strokes -> the PNG that is posted: only the ink, and no larger than reading it needs. */

import { PAPER, PEN_WIDTH, paint } from "./drawing.js";

// Pixels: four for each pixel of the 20x20 box that the server scales a digit into. As many has a
// digit's longer side, and the shorter one of a number's; but its digits may be small, and need no
// more pixels than they have units.
const INK_SIDE = 80;
const MARGIN = 4; // pixels of paper around the ink, by which the server knows the paper

/**
 * @typedef {{
 *   png: Blob,
 *   strokes: import("./drawing.js").Stroke[],  what it shows
 *   sheet: number[],  left, top, width and height of the whole paper, in the PNG's pixels
 * }} Picture
 */

/**
 * @param {import("./drawing.js").Stroke[]} strokes at least one, begun on the paper
 * @returns {Picture}
 */
export function toPicture(strokes) {
  const { left, top, right, bottom } = extent(strokes);
  const [shorter, longer] = [right - left, bottom - top].sort((one, other) => one - other);
  const scale = Math.max(INK_SIDE / longer, Math.min(INK_SIDE / shorter, 1));
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil((right - left) * scale) + 2 * MARGIN;
  canvas.height = Math.ceil((bottom - top) * scale) + 2 * MARGIN;
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.translate(MARGIN, MARGIN);
  context.scale(scale, scale);
  context.translate(-left, -top);
  context.rect(left, top, right - left, bottom - top);
  context.clip();
  paint(context, strokes);
  // Not toBlob: while the pen is down, Chromium may wait a second or more for a quiet moment.
  const base64 = canvas.toDataURL("image/png").split(",")[1];
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return {
    png: new Blob([bytes], { type: "image/png" }),
    strokes,
    sheet: [MARGIN - left * scale, MARGIN - top * scale, PAPER * scale, PAPER * scale],
  };
}

/** The ink's bounding box, as far as it lies on the paper: what lies beyond is not seen either. */
function extent(strokes) {
  let [left, top, right, bottom] = [PAPER, PAPER, 0, 0];
  for (const { x, y } of strokes.flat()) {
    left = Math.min(left, x - PEN_WIDTH / 2);
    top = Math.min(top, y - PEN_WIDTH / 2);
    right = Math.max(right, x + PEN_WIDTH / 2);
    bottom = Math.max(bottom, y + PEN_WIDTH / 2);
  }
  const onPaper = (place) => Math.min(Math.max(place, 0), PAPER);
  return {
    left: onPaper(left),
    top: onPaper(top),
    right: onPaper(right),
    bottom: onPaper(bottom),
  };
}
