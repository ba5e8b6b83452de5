/** Turn a sheet into the PNG that is posted: only the ink, and no larger than reading needs. */

import { greyPng } from "./png.js";
import { HEIGHT, paint, placeOf, visibleStrokes, widthAt } from "./sheet.js";

// Pixels: four for each pixel of the 20x20 box that the server scales a digit into. A digit's longer
// side has this many, and a number's shorter side, unless that has fewer units.
const INK_SIDE = 80;
const MARGIN = 4; // pixels around the ink, from which the server tells the colour of the paper

/**
 * @typedef {{
 *   png: Blob,
 *   strokes: import("./sheet.js").Stroke[] | null,  those it shows; null for a scan
 *   width: number,  units of the whole sheet's width; its height is always HEIGHT
 *   sheet: number[],  left, top, width and height of the whole sheet in pixels of the PNG
 * }} Picture
 */

/**
 * @param {import("./sheet.js").Sheet} sheet not empty
 * @returns {Promise<Picture>}
 */
export async function ofSheet({ strokes, width, scan }) {
  if (scan === null) return toPicture(visibleStrokes({ strokes, width }), width);
  const { left, top, scale } = placeOf(scan, width);
  return {
    png: scan.png,
    strokes: null,
    width,
    sheet: [-left / scale, -top / scale, width / scale, HEIGHT / scale],
  };
}

/**
 * @param {import("./sheet.js").Stroke[]} strokes at least one, begun on the sheet
 * @param {number} width units of the sheet's width
 * @returns {Promise<Picture>}
 */
export async function toPicture(strokes, width) {
  const { left, top, right, bottom } = extent(strokes, width);
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
  return {
    // Not toBlob(): while the pen is down, Chromium may delay it by a second or more.
    // Safari before 16.4 and Firefox before 113 post RGBA, which takes the server longer.
    png: window.CompressionStream
      ? await greyPng(context.getImageData(0, 0, canvas.width, canvas.height))
      : toBlob(canvas.toDataURL("image/png")),
    strokes,
    width,
    sheet: [MARGIN - left * scale, MARGIN - top * scale, width * scale, HEIGHT * scale],
  };
}

/** Return the bytes of a `data:` URL in base64. */
export function toBlob(url) {
  const bytes = Uint8Array.from(atob(url.split(",")[1]), (character) => character.charCodeAt(0));
  return new Blob([bytes], { type: "image/png" });
}

/** Return the ink's bounding box, cropped to the sheet. */
function extent(strokes, width) {
  let [left, top, right, bottom] = [width, HEIGHT, 0, 0];
  for (const stroke of strokes) {
    for (const point of stroke.points) {
      const radius = widthAt(point, stroke.width) / 2;
      left = Math.min(left, point.x - radius);
      top = Math.min(top, point.y - radius);
      right = Math.max(right, point.x + radius);
      bottom = Math.max(bottom, point.y + radius);
    }
  }
  const onSheet = (place, end) => Math.min(Math.max(place, 0), end);
  return {
    left: onSheet(left, width),
    top: onSheet(top, HEIGHT),
    right: onSheet(right, width),
    bottom: onSheet(bottom, HEIGHT),
  };
}
