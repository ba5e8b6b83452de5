/** The drawing: a sheet, its history for undo and redo, and the operations that change it. */

import { EMPTY, PEN_WIDTH, isEmpty } from "./sheet.js";

/** @typedef {import("./sheet.js").Sheet} Sheet */
/** @typedef {import("./sheet.js").Point} Point */

const MIN_DISTANCE = 1.5; // units between two points: closer ones make no visible difference

/** Events: `grow` when ink is added, `replace` when the sheet becomes another, and `penup`. */
export class Drawing extends EventTarget {
  /** @type {Sheet} */
  #sheet = EMPTY;
  /** @type {Sheet[]} what undo goes back to, the newest last */
  #past = [];
  /** @type {Sheet[]} what redo goes on to, the next one last */
  #future = [];
  /** @type {Sheet[]} `#future` as it was before the stroke in progress */
  #futureBefore = [];
  #isDrawing = false;

  /** Units: the width of new strokes. */
  penWidth = PEN_WIDTH;

  get sheet() {
    return this.#sheet;
  }

  get isDrawing() {
    return this.#isDrawing;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** Begin a stroke; on a scan, a new drawing. */
  begin(point) {
    const { width, scan, strokes } = this.#sheet;
    this.#futureBefore = this.#future;
    this.#remember();
    this.#isDrawing = true;
    const stroke = { width: this.penWidth, points: [onGrid(point)] };
    const sheet = { width, scan: null, strokes: [...strokes, stroke] };
    this.#change(scan ? "replace" : "grow", sheet);
  }

  /** Continue the stroke. */
  extend(places) {
    const strokes = [...this.#sheet.strokes];
    const stroke = strokes.pop();
    const points = [...stroke.points];
    for (const place of places.map(onGrid)) {
      const { x, y } = points[points.length - 1];
      if (Math.hypot(place.x - x, place.y - y) >= MIN_DISTANCE) points.push(place);
    }
    if (points.length === stroke.points.length) return;
    this.#change("grow", { ...this.#sheet, strokes: [...strokes, { ...stroke, points }] });
  }

  /** End the stroke. */
  end() {
    if (!this.#isDrawing) return;
    this.#isDrawing = false;
    this.dispatchEvent(new Event("penup"));
  }

  /** Drop the stroke in progress, as if it had never begun. */
  cancel() {
    if (!this.#isDrawing) return;
    this.#isDrawing = false;
    this.#future = this.#futureBefore;
    this.#change("replace", this.#past.pop());
  }

  undo() {
    if (this.canUndo) this.#travel(this.#past, this.#future);
  }

  redo() {
    if (this.canRedo) this.#travel(this.#future, this.#past);
  }

  /** Make the sheet `width` units wide; its strokes stay where they are. */
  resize(width) {
    this.show({ ...this.#sheet, width });
  }

  clear() {
    if (!isEmpty(this.#sheet)) this.show({ ...EMPTY, width: this.#sheet.width });
  }

  /** Start with a sheet from a link or from memory: there is nothing to undo. */
  open(sheet) {
    this.#change("replace", sheet);
  }

  /** Replace the sheet; undo brings the previous one back. */
  show(sheet) {
    this.#remember();
    this.#isDrawing = false;
    this.#change("replace", sheet);
  }

  #remember() {
    this.#past.push(this.#sheet);
    this.#future = [];
  }

  #travel(from, to) {
    to.push(this.#sheet);
    this.#isDrawing = false;
    this.#change("replace", from.pop());
  }

  #change(kind, sheet) {
    this.#sheet = sheet;
    this.dispatchEvent(new Event(kind));
  }
}

/** Round a point to half units, which links keep exactly. */
function onGrid({ x, y, pressure }) {
  const point = { x: Math.round(2 * x) / 2, y: Math.round(2 * y) / 2 };
  return pressure === undefined ? point : { ...point, pressure: Math.round(63 * pressure) / 63 };
}
