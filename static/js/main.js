/** Connect the parts of the page: what is drawn goes to the reader, which shows the answer. */

import * as answer from "./answer.js";
import { Drawing } from "./drawing.js";
import { offerGallery } from "./gallery.js";
import { acceptPictures } from "./upload.js";
import { drawWithKeyboard } from "./keyboard.js";
import { remember, remembered } from "./memory.js";
import { tell } from "./notice.js";
import { keepScrollPosition } from "./scroll.js";
import { drawWithPointer } from "./pointer.js";
import "./how/how.js";
import { Reader } from "./reader.js";
import { forgetLink, shareBy, shared } from "./share.js";
import { isEmpty } from "./sheet.js";
import { selection } from "./selection.js";
import { paintOn } from "./surface.js";
import { useTools } from "./tools.js";
import "./labels.js";
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
    selection.clear();
  },
  unreachable: upToDate(answer.showUnreachable),
  // The pen is always a little ahead of the answer. An answer that is too late is not shown.
  earlier(content, milliseconds) {
    if (!drawing.isDrawing || milliseconds > answer.MAX_LAG) return;
    answer.showAnswer(content);
    answer.expectAnswer();
  },
});

drawing.addEventListener("grow", read);
drawing.addEventListener("replace", () => {
  reader.forget();
  if (isEmpty(drawing.sheet)) {
    answered = null;
    selection.clear();
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
  selection.choose(event.detail);
});
selection.addEventListener("change", () => {
  const hasSelection = selection.current !== null || selection.isPending;
  document.body.classList.toggle("has-selection", hasSelection);
});

paintOn(canvas, drawing);
drawWithPointer(canvas, drawing);
drawWithKeyboard(canvas, document.getElementById("cursor"), drawing, (words) => {
  penState.textContent = words;
});
useTools(drawing);
shareBy(drawing, tell);
acceptPictures((sheet) => drawing.show(sheet), tell);
offerGallery((sheet) => drawing.show(sheet));
keepScrollPosition();
begin();
document.body.classList.add("is-ready");

/** Begin with the drawing in the link, or with the one before a reload. */
async function begin() {
  const linked = shared(tell);
  const sheet = linked ?? (await remembered());
  if (sheet !== null && isEmpty(drawing.sheet)) drawing.open(sheet);
  remember(drawing.sheet);
  for (const change of ["replace", "penup"]) {
    drawing.addEventListener(change, () => {
      forgetLink();
      remember(drawing.sheet);
      tell(""); // what went wrong before no longer matters
    });
  }
  addEventListener("hashchange", () => {
    const another = shared(tell);
    if (another !== null) drawing.show(another);
  });
}

function read() {
  isUpToDate = false;
  answered = null;
  selection.expect();
  answer.expectAnswer();
  reader.read(drawing.sheet);
}

/** Explain the least certain digit first, as the answer itself does. */
function explainAnswer() {
  if (answered === null) return;
  const { digits } = answered.answer;
  if (digits.length > 0) selection.set(answered, answer.leastCertain(digits));
  else selection.clear();
}

/** Make `show` note that its content is about the newest drawing, and announce it at rest. */
function upToDate(show) {
  return (content) => {
    isUpToDate = true;
    show(content);
    if (!drawing.isDrawing) answer.announce();
  };
}
