/** The gallery: drawings by the project's own handwriting synthesis, to choose one from. */

import { HEIGHT, SQUARE, WIDE, paint } from "./sheet.js";
import { onSchemeChange } from "./tensor.js";

const PEN_WIDTH = 16; // units
const SCALE = 0.6; // pixels a unit, on the thumbnails

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
    const exhibits = await load();
    trouble.textContent = exhibits
      ? ""
      : "The gallery is out of reach. Close it, and try again in a moment.";
    if (exhibits && thumbnails === null) thumbnails = hang(exhibits);
  });
  onSchemeChange(() => thumbnails?.forEach((repaint) => repaint()));

  /** Hangs up each drawing where it belongs; returns what paints them. */
  function hang(exhibits) {
    return exhibits.map(({ room, name, isWide, strokes }) => {
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
      const repaint = () => paintSmall(canvas, sheet);
      repaint();
      return repaint;
    });
  }
}

/** What hangs in the gallery, or null where the server is out of reach. */
async function load() {
  try {
    const response = await fetch(dialog.dataset.url);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/** The file has x and y of the first point, and then the steps from each point to the next. */
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

function paintSmall(canvas, { width, strokes }) {
  canvas.width = width * SCALE;
  canvas.height = HEIGHT * SCALE;
  const context = canvas.getContext("2d");
  context.scale(SCALE, SCALE);
  context.strokeStyle = getComputedStyle(canvas).color;
  paint(context, strokes);
}
