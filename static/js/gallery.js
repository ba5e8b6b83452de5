/** The gallery: drawings by the project's own handwriting synthesis, to choose from. */

import { HEIGHT, SQUARE, WIDE, paint } from "./sheet.js";
import { onPaletteChange } from "./tensor.js";

const PEN_WIDTH = 16; // units
const SCALE = 0.6; // pixels of a thumbnail for each unit

const button = document.getElementById("open-gallery");
const dialog = document.getElementById("gallery");
const trouble = document.getElementById("gallery-trouble");
const template = document.getElementById("exhibit");

/** @param {(sheet: import("./sheet.js").Sheet) => void} choose */
export function offerGallery(choose) {
  let thumbnails = null;

  button.addEventListener("click", async () => {
    dialog.showModal();
    if (thumbnails !== null) return;
    const drawings = await load();
    trouble.textContent = drawings
      ? ""
      : "The gallery is out of reach. Close it, and try again in a moment.";
    if (drawings && thumbnails === null) thumbnails = drawings.map(addThumbnail);
  });
  onPaletteChange(() => thumbnails?.forEach((repaint) => repaint()));

  /** Add a button for a drawing; return the function that paints its thumbnail. */
  function addThumbnail({ room, name, isWide, strokes }) {
    const sheet = {
      width: isWide ? WIDE : SQUARE,
      strokes: strokes.map((numbers) => ({ width: PEN_WIDTH, points: toPoints(numbers) })),
      scan: null,
    };
    const item = template.content.cloneNode(true);
    const canvas = item.querySelector("canvas");
    item.querySelector("li").classList.toggle("is-wide", isWide);
    item.querySelector("span").textContent = name;
    item.querySelector("button").addEventListener("click", () => {
      dialog.close();
      choose(sheet);
    });
    dialog.querySelector(`[data-room="${room}"]`).append(item);
    const repaint = () => paintThumbnail(canvas, sheet);
    repaint();
    return repaint;
  }
}

/** Load the drawings; null where the server is out of reach. */
async function load() {
  try {
    const response = await fetch(dialog.dataset.url);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/** Decode a stroke: x and y of its first point, then the steps from point to point. */
function toPoints(numbers) {
  let [x, y] = [0, 0];
  const points = [];
  for (let k = 0; k < numbers.length; k += 2) {
    x += numbers[k];
    y += numbers[k + 1];
    points.push({ x, y });
  }
  return points;
}

function paintThumbnail(canvas, { width, strokes }) {
  canvas.width = width * SCALE;
  canvas.height = HEIGHT * SCALE;
  const context = canvas.getContext("2d");
  context.scale(SCALE, SCALE);
  context.strokeStyle = getComputedStyle(canvas).color;
  paint(context, strokes);
}
