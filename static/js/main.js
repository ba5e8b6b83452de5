/** Puts the page together: the drawing asks the reader, the reader tells the answer. */

import * as answer from "./answer.js";
import { Drawing } from "./drawing.js";
import { Reader } from "./reader.js";

const canvas = document.getElementById("drawing");
const undo = document.getElementById("undo");
const clear = document.getElementById("clear");

const drawing = new Drawing(canvas);
let isUpToDate = true;

const reader = new Reader(canvas.dataset.predictUrl, {
  answer: upToDate(answer.showAnswer),
  refusal: upToDate(answer.showRefusal),
  unreachable: upToDate(answer.showUnreachable),
  // A moving pen is always a little ahead of the answer; more than a little, and it is not shown.
  earlier(content, milliseconds) {
    if (!drawing.isDrawing || milliseconds > answer.PATIENCE) return;
    answer.showAnswer(content);
    answer.expectAnswer();
  },
});

drawing.addEventListener("grow", () => {
  isUpToDate = false;
  answer.expectAnswer();
  reader.read(drawing.strokes);
});
drawing.addEventListener("shrink", () => {
  reader.forget();
  if (drawing.strokes.length > 0) {
    isUpToDate = false;
    answer.expectAnswer();
    reader.read(drawing.strokes);
  } else {
    upToDate(answer.showBlank)();
  }
});
for (const change of ["grow", "shrink"]) {
  drawing.addEventListener(change, () => {
    const isEmpty = drawing.strokes.length === 0;
    // Not `disabled`, which would drop the keyboard's focus.
    undo.ariaDisabled = !drawing.canUndo;
    clear.ariaDisabled = isEmpty;
    document.body.classList.toggle("has-drawing", !isEmpty);
  });
}
drawing.addEventListener("penup", () => {
  if (isUpToDate) answer.announce();
});
undo.addEventListener("click", () => drawing.undo());
clear.addEventListener("click", () => drawing.clear());
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey) {
    event.preventDefault();
    drawing.undo();
  } else if (event.key === "Escape") {
    drawing.clear();
  }
});

/** Shows what is true of the newest drawing, and says it aloud unless the pen still moves. */
function upToDate(show) {
  return (content) => {
    isUpToDate = true;
    show(content);
    if (!drawing.isDrawing) answer.announce();
  };
}
