/** Puts the desk together: the drawing asks the reader, the reader tells the answer. */

import * as answer from "./answer.js";
import { Drawing } from "./drawing.js";
import { offerGallery } from "./gallery.js";
import { takeIn } from "./intake.js";
import { drawWithKeyboard } from "./keyboard.js";
import { remember, remembered } from "./memory.js";
import { tell } from "./notice.js";
import { keepPlace } from "./place.js";
import { drawWithPointer } from "./pointer.js";
import "./how/how.js";
import { Reader } from "./reader.js";
import { forgetLink, shareBy, shared } from "./share.js";
import { isEmpty } from "./sheet.js";
import { subject } from "./subject.js";
import { paintOn } from "./surface.js";
import { useTools } from "./tools.js";
import "./places.js";
import "./why.js";
import "./what-if.js";
import "./replay.js";
import "./learn.js";

const canvas = document.getElementById("drawing");
const penState = document.getElementById("pen-state");

const drawing = new Drawing();
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

drawing.addEventListener("grow", read);
drawing.addEventListener("replace", () => {
  reader.forget();
  if (isEmpty(drawing.sheet)) {
    answered = null;
    subject.clear();
    upToDate(answer.showBlank)();
  } else {
    read();
  }
});
drawing.addEventListener("penup", () => {
  if (!isUpToDate) return;
  answer.announce();
  explainAnswer();
});
document.getElementById("answer").addEventListener("choose", (event) => {
  subject.choose(event.detail);
});
subject.addEventListener("change", () => {
  const hasSubject = subject.current !== null || subject.isExpected;
  document.body.classList.toggle("has-subject", hasSubject);
});

paintOn(canvas, drawing);
drawWithPointer(canvas, drawing);
drawWithKeyboard(canvas, document.getElementById("cursor"), drawing, (words) => {
  penState.textContent = words;
});
useTools(drawing);
shareBy(drawing, tell);
takeIn((sheet) => drawing.show(sheet), tell);
offerGallery((sheet) => drawing.show(sheet));
keepPlace();
begin();
document.body.classList.add("is-ready");

/** With the drawing in the link, or else with what was here before a reload. */
async function begin() {
  const linked = shared(tell);
  const sheet = linked ?? (await remembered());
  if (sheet !== null && isEmpty(drawing.sheet)) drawing.open(sheet);
  remember(drawing.sheet);
  for (const change of ["replace", "penup"]) {
    drawing.addEventListener(change, () => {
      forgetLink();
      remember(drawing.sheet);
    });
  }
  // What went wrong before is no longer what the visitor is about.
  for (const change of ["replace", "penup"]) drawing.addEventListener(change, () => tell(""));
  addEventListener("hashchange", () => {
    const another = shared(tell);
    if (another !== null) drawing.show(another);
  });
}

function read() {
  isUpToDate = false;
  answered = null;
  subject.expect();
  answer.expectAnswer();
  reader.read(drawing.sheet);
}

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
