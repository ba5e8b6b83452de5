/** Draw with mouse, pen and finger.
 *
 * While a pen is in use, touches on the sheet are palms and draw nothing. Two fingers scroll and
 * zoom the page, which `touch-action` in draw.css leaves to the browser.
 */

import { HEIGHT } from "./sheet.js";

const PEN_IN_USE = 5_000; // milliseconds after a pen's last event

/**
 * @param {HTMLCanvasElement} canvas
 * @param {import("./drawing.js").Drawing} drawing
 */
export function drawWithPointer(canvas, drawing) {
  /** The `pointerdown` of the pointer that draws. */
  let active = null;
  /** The ids of all touches on the sheet. */
  const touches = new Set();
  let penTimer;

  canvas.addEventListener("pointerdown", (event) => {
    const { pointerId, pointerType } = event;
    if (event.button !== 0) return;
    event.preventDefault(); // of selecting and dragging
    notePen(event);
    if (pointerType === "touch") {
      touches.add(pointerId);
      if (canvas.classList.contains("pen-in-use")) return;
      if (touches.size > 1) {
        if (active?.pointerType === "touch") cancel();
        return;
      }
    }
    if (active !== null && drawing.isDrawing) {
      // A touch that rests on the sheet before the pen comes is a palm.
      if (pointerType !== "pen" || active.pointerType !== "touch") return;
      cancel();
    }
    drawing.end(); // a stroke drawn by keyboard
    canvas.setPointerCapture(pointerId);
    active = event;
    drawing.begin(at(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    notePen(event);
    if (event.pointerId !== active?.pointerId || !drawing.isDrawing) return;
    // The browser may have collected several places since the last frame.
    const events = event.getCoalescedEvents?.() ?? [];
    drawing.extend((events.length > 0 ? events : [event]).map(at));
  });
  canvas.addEventListener("pointerup", (event) => release(event, () => drawing.end()));
  canvas.addEventListener("pointercancel", (event) => release(event, () => drawing.cancel()));
  canvas.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press

  function release(event, finish) {
    notePen(event);
    touches.delete(event.pointerId);
    if (event.pointerId !== active?.pointerId) return;
    active = null;
    finish();
  }

  function cancel() {
    active = null;
    drawing.cancel();
  }

  function notePen({ pointerType }) {
    if (pointerType !== "pen") return;
    canvas.classList.add("pen-in-use");
    clearTimeout(penTimer);
    penTimer = setTimeout(() => canvas.classList.remove("pen-in-use"), PEN_IN_USE);
  }

  /** Only a pen knows its pressure; a mouse or a finger always reports the same. */
  function at(event) {
    const box = canvas.getBoundingClientRect();
    const point = {
      x: ((event.clientX - box.left) / box.width) * drawing.sheet.width,
      y: ((event.clientY - box.top) / box.height) * HEIGHT,
    };
    return event.pointerType === "pen" ? { ...point, pressure: event.pressure } : point;
  }
}
