/** Draw with the keyboard: arrow keys move the pen, Space sets it down and lifts it. */

import { HEIGHT } from "./sheet.js";

const STEP = 4; // units for one press of an arrow key
const SPEED = 0.12; // units a millisecond while a key is held
const SHIFT_FACTOR = 4; // how much faster the pen moves with Shift
const HELD_AFTER = 250; // milliseconds
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLElement} cursor lies over the canvas, in the same parent
 * @param {import("./drawing.js").Drawing} drawing
 * @param {(words: string) => void} say for screen readers
 */
export function drawWithKeyboard(canvas, cursor, drawing, say) {
  const place = { x: drawing.sheet.width / 2, y: HEIGHT / 2 };
  const held = new Set();
  let since = 0;
  let factor = 1;
  let isDown = false;
  let isMoving = false;

  canvas.addEventListener("keydown", (event) => {
    factor = event.shiftKey ? SHIFT_FACTOR : 1;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in STEPS) {
      event.preventDefault(); // no scrolling
      if (!event.repeat) press(event.key);
    } else if (event.key === " ") {
      event.preventDefault();
      if (!event.repeat) turnPen();
    }
  });
  canvas.addEventListener("keyup", (event) => {
    factor = event.shiftKey ? SHIFT_FACTOR : 1;
    held.delete(event.key);
  });
  canvas.addEventListener("blur", () => {
    held.clear();
    if (isDown) drawing.end();
  });
  canvas.addEventListener("focus", show);
  for (const change of ["replace", "penup"]) {
    drawing.addEventListener(change, () => {
      if (isDown && !drawing.isDrawing) {
        isDown = false;
        say("Pen up");
      }
      show();
    });
  }

  function press(key) {
    held.add(key);
    since = performance.now();
    move(STEPS[key], STEP * factor);
    if (isMoving) return;
    isMoving = true;
    let before = since;
    requestAnimationFrame(function glide(now) {
      isMoving = held.size > 0;
      if (!isMoving) return;
      const start = Math.max(before, since + HELD_AFTER);
      before = now;
      if (now > start) for (const each of held) move(STEPS[each], (now - start) * SPEED * factor);
      requestAnimationFrame(glide);
    });
  }

  function move([right, down], distance) {
    place.x += right * distance;
    place.y += down * distance;
    show();
    if (isDown) drawing.extend([place]);
  }

  function turnPen() {
    if (isDown) {
      drawing.end();
    } else if (!drawing.isDrawing) {
      drawing.begin(place);
      isDown = true;
      say("Pen down");
      show();
    }
  }

  /** Show the cursor, and keep it on the sheet, which may have become narrower. */
  function show() {
    const { width } = drawing.sheet;
    place.x = Math.min(Math.max(place.x, 0), width);
    place.y = Math.min(Math.max(place.y, 0), HEIGHT);
    cursor.style.left = `${(100 * place.x) / width}%`;
    cursor.style.top = `${(100 * place.y) / HEIGHT}%`;
    cursor.style.width = `${(100 * drawing.penWidth) / width}%`;
    cursor.classList.toggle("is-down", isDown);
  }
}
