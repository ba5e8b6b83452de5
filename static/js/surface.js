/** Paints the drawing on its canvas: of a stroke on its way, only what is new. */

import { HEIGHT, finishedParts, paint, paintParts, placeOf } from "./sheet.js";
import { onSchemeChange } from "./tensor.js";

/**
 * @param {HTMLCanvasElement} canvas
 * @param {import("./drawing.js").Drawing} drawing
 */
export function paintOn(canvas, drawing) {
  /** What no longer changes while the last stroke grows, and how many of its parts are in it. */
  const settled = document.createElement("canvas").getContext("2d");
  let settledParts = 0;
  let settledStrokes = null;
  let isWaiting = false;

  drawing.addEventListener("grow", repaint);
  drawing.addEventListener("replace", anew);
  new ResizeObserver(anew).observe(canvas);
  onSchemeChange(anew);

  function anew() {
    settledStrokes = null;
    repaint();
  }

  function repaint() {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      const { strokes } = drawing.sheet;
      if (settledStrokes !== strokes.length - 1) settle();
      const stroke = strokes[strokes.length - 1];
      const context = canvas.getContext("2d");
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
      if (stroke) {
        const parts = finishedParts(stroke);
        paintParts(settled, stroke, settledParts, parts);
        settledParts = parts;
      }
      context.drawImage(settled.canvas, 0, 0);
      if (!stroke) return;
      prepare(context);
      paintParts(context, stroke, settledParts, settledParts + 1);
    });
  }

  /** Paints all but the last stroke, which may go on. */
  function settle() {
    const { strokes, scan, width } = drawing.sheet;
    fit(canvas);
    fit(settled.canvas);
    settled.setTransform(1, 0, 0, 1, 0, 0);
    settled.clearRect(0, 0, canvas.width, canvas.height);
    prepare(settled);
    if (scan) {
      const place = placeOf(scan, width);
      settled.drawImage(scan.image, place.left, place.top, place.width, place.height);
    }
    paint(settled, strokes.slice(0, -1));
    settledStrokes = strokes.length - 1;
    settledParts = 0;
  }

  /** Setting its size empties a canvas, and takes time. */
  function fit(one) {
    const width = Math.round(canvas.clientWidth * devicePixelRatio);
    const height = Math.round(canvas.clientHeight * devicePixelRatio);
    if (one.width !== width) one.width = width;
    if (one.height !== height) one.height = height;
  }

  function prepare(context) {
    context.setTransform(canvas.width / drawing.sheet.width, 0, 0, canvas.height / HEIGHT, 0, 0);
    context.strokeStyle = getComputedStyle(canvas).color;
  }
}
