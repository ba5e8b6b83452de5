/** Puts the page together: the drawing asks the reader, the reader tells the answer. */

import * as answer from "./answer.js";
import { Drawing } from "./drawing.js";
import { drawWithPointer } from "./pointer.js";
import { Reader } from "./reader.js";
import { isEmpty } from "./sheet.js";
import { subject } from "./subject.js";
import { paintOn } from "./surface.js";

const canvas = document.getElementById("drawing");
const undo = document.getElementById("undo");
const clear = document.getElementById("clear");

const drawing = new Drawing();
paintOn(canvas, drawing);
drawWithPointer(canvas, drawing);
let isUpToDate = true;
/** The newest answer that can be explained. */
let answered = null;

const reader = new Reader(canvas.dataset.predictUrl, {
  answer(content, picture) {
    upToDate(answer.showAnswer)(content);
    answered = { ...picture, answer: content };
    if (!drawing.isDrawing) explainAnswer();
  },
  refusal(why) {
    upToDate(answer.showRefusal)(why);
    subject.clear();
  },
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
  reader.read(drawing.sheet);
});
drawing.addEventListener("replace", () => {
  reader.forget();
  if (!isEmpty(drawing.sheet)) {
    isUpToDate = false;
    answer.expectAnswer();
    reader.read(drawing.sheet);
  } else {
    upToDate(answer.showBlank)();
  }
});
for (const change of ["grow", "replace"]) {
  drawing.addEventListener(change, () => {
    const hasDrawing = !isEmpty(drawing.sheet);
    answered = null;
    if (!hasDrawing) subject.clear();
    else subject.expect();
    // Not `disabled`, which would drop the keyboard's focus.
    undo.ariaDisabled = !drawing.canUndo;
    clear.ariaDisabled = !hasDrawing;
    document.body.classList.toggle("has-drawing", hasDrawing);
  });
}
subject.addEventListener("change", () => {
  const hasSubject = subject.current !== null || subject.isExpected;
  document.body.classList.toggle("has-subject", hasSubject);
});
drawing.addEventListener("penup", () => {
  if (!isUpToDate) return;
  answer.announce();
  explainAnswer();
});
document.getElementById("answer").addEventListener("choose", (event) => {
  subject.choose(event.detail);
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

/** The parts below the answer explain its least certain digit first, as the answer itself does. */
function explainAnswer() {
  if (answered === null) return;
  const { digits } = answered.answer;
  if (digits.length > 0) subject.set(answered, answer.leastCertain(digits));
  else subject.clear();
}

/** Shows what is true of the newest drawing, and says it aloud unless the pen still moves. */
function upToDate(show) {
  return (content) => {
    isUpToDate = true;
    show(content);
    if (!drawing.isDrawing) answer.announce();
  };
}
