/** Connect the tools beside the sheet, and their keyboard shortcuts. */

import { SQUARE, WIDE, isEmpty } from "./sheet.js";

const undo = document.getElementById("undo");
const redo = document.getElementById("redo");
const clear = document.getElementById("clear");
const wide = document.getElementById("wide");
const pens = document.getElementById("pens");

/** @param {import("./drawing.js").Drawing} drawing */
export function useTools(drawing) {
  const takePen = () => {
    drawing.penWidth = Number(pens.querySelector(":checked").value);
  };
  pens.addEventListener("change", takePen);
  takePen(); // after a reload, the browser may have restored another one

  undo.addEventListener("click", () => drawing.undo());
  redo.addEventListener("click", () => drawing.redo());
  clear.addEventListener("click", () => drawing.clear());
  wide.addEventListener("click", () => {
    drawing.resize(drawing.sheet.width === WIDE ? SQUARE : WIDE);
  });

  document.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    const isWriting = event.target.closest("dialog, textarea, input:not([type=radio], [type=range])");
    if (isWriting || event.defaultPrevented || event.altKey) return;
    if (key === "escape" && isAtDesk(event.target)) drawing.clear();
    if (!event.ctrlKey && !event.metaKey) return;
    const redoes = key === "y" || (key === "z" && event.shiftKey);
    if (!redoes && key !== "z") return;
    event.preventDefault();
    if (redoes) drawing.redo();
    else drawing.undo();
  });

  for (const change of ["grow", "replace"]) drawing.addEventListener(change, show);

  function show() {
    const hasDrawing = !isEmpty(drawing.sheet);
    const isWide = drawing.sheet.width === WIDE;
    // Not `disabled`, which would lose the keyboard focus.
    undo.ariaDisabled = !drawing.canUndo;
    redo.ariaDisabled = !drawing.canRedo;
    clear.ariaDisabled = !hasDrawing;
    wide.ariaPressed = isWide;
    document.body.classList.toggle("has-drawing", hasDrawing);
    document.body.classList.toggle("is-wide", isWide);
  }
}

/** Whether a key pressed at this element is meant for the sheet, not for the chapters below. */
function isAtDesk(element) {
  const desk = document.querySelector(".desk");
  if (element !== document.body) return desk.contains(element);
  return desk.getBoundingClientRect().bottom > 0;
}
