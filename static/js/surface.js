/** Paint the drawing on its canvas; of a stroke in progress, only its end. */

import { HEIGHT, finishedParts, paint, paintParts, placeOf } from "./sheet.js";
import { onPaletteChange } from "./tensor.js";

/**
 * @param {HTMLCanvasElement} canvas
 * @param {import("./drawing.js").Drawing} drawing
 */
export function paintOn(canvas, drawing) {
  /** What no longer changes while the last stroke grows, and how many of its parts are in it. */
  const settled = document.createElement("canvas").getContext("2d");
  let settledParts = 0;
  let settledStrokes = null;
  let isScheduled = false;

  drawing.addEventListener("grow", schedule);
  drawing.addEventListener("replace", () => {
    settledStrokes = null;
    schedule();
  });
  new ResizeObserver(repaint).observe(canvas);
  onPaletteChange(repaint);

  function schedule() {
    if (isScheduled) return;
    isScheduled = true;
    requestAnimationFrame(() => {
      isScheduled = false;
      paintGrowth();
    });
  }

  function repaint() {
    settledStrokes = null;
    paintGrowth();
  }

  function paintGrowth() {
    if (canvas.clientWidth === 0) return; // not displayed, such as while the page unloads
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
  }

  /** Paint everything except the last stroke, which may grow. */
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

  /** Setting a canvas's size empties it, and takes time. */
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
