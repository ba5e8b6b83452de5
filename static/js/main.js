/** Puts the page together: the drawing asks the reader, the reader tells the answer. */

import * as answer from "./answer.js";
import { Drawing } from "./drawing.js";
import { Reader } from "./reader.js";

const canvas = document.getElementById("drawing");
const undo = document.getElementById("undo");
const clear = document.getElementById("clear");

const drawing = new Drawing(canvas);
const reader = new Reader(canvas.dataset.predictUrl, {
  answer: shown(answer.showAnswer),
  refusal: shown(answer.showRefusal),
  unreachable: shown(answer.showUnreachable),
});

drawing.addEventListener("change", () => {
  const empty = drawing.strokes.length === 0;
  undo.disabled = !drawing.canUndo;
  clear.disabled = empty;
  document.body.classList.toggle("has-drawing", !empty);
  if (empty) {
    reader.forget();
    answer.showBlank();
    answer.announce();
  } else {
    answer.expectAnswer();
    reader.read(drawing.strokes);
  }
});
drawing.addEventListener("penup", answer.announce);
undo.addEventListener("click", () => drawing.undo());
clear.addEventListener("click", () => drawing.clear());
document.addEventListener("keydown", (event) => {
  if (event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey) {
    event.preventDefault();
    drawing.undo();
  } else if (event.key === "Escape") {
    drawing.clear();
  }
});

/** Shows what came, and says it aloud unless the pen is still moving. */
function shown(show) {
  return (content) => {
    show(content);
    if (!drawing.isDrawing) answer.announce();
  };
}
