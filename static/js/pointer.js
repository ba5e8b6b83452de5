/** Mouse, pen and finger draw. */

import { HEIGHT } from "./sheet.js";

/**
 * @param {HTMLCanvasElement} canvas
 * @param {import("./drawing.js").Drawing} drawing
 */
export function drawWithPointer(canvas, drawing) {
  /** The pointer that draws; a palm or a second finger is not it. */
  let pointer = null;

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || (pointer !== null && drawing.isDrawing)) return;
    event.preventDefault(); // no selection, no drag
    drawing.end(); // of the keyboard's stroke
    canvas.setPointerCapture(event.pointerId);
    pointer = event.pointerId;
    drawing.begin(at(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer || !drawing.isDrawing) return;
    // All the places the pen was since the last frame, where the browser tells.
    const events = event.getCoalescedEvents?.() ?? [];
    drawing.extend((events.length > 0 ? events : [event]).map(at));
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = null;
      drawing.end();
    });
  }
  canvas.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press

  /** Only pens feel how hard they are pressed: mice and most fingers always say the same. */
  function at(event) {
    const box = canvas.getBoundingClientRect();
    const point = {
      x: ((event.clientX - box.left) / box.width) * drawing.sheet.width,
      y: ((event.clientY - box.top) / box.height) * HEIGHT,
    };
    return event.pointerType === "pen" ? { ...point, pressure: event.pressure } : point;
  }
}
