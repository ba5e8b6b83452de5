/** The drawing: a sheet, how it came to be, and what changes it. */

import { EMPTY, PEN_WIDTH, isEmpty } from "./sheet.js";

/** @typedef {import("./sheet.js").Sheet} Sheet */
/** @typedef {import("./sheet.js").Point} Point */

const NEAREST = 1.5; // units between two points: closer ones change nothing that one sees

export class Drawing extends EventTarget {
  /** @type {Sheet} */
  #sheet = EMPTY;
  /** @type {Sheet[]} what undo goes back to, the newest last */
  #past = [];
  /** @type {Sheet[]} what redo goes on to, the next one last */
  #future = [];
  #isDrawing = false;

  /** Units: of the strokes to come. */
  penWidth = PEN_WIDTH;

  /** Dispatches `grow` when ink is added, `replace` when the sheet becomes another, and `penup`. */
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

  /** The pen is set down; on a scan, that begins a new drawing. */
  begin(point) {
    const { width, scan, strokes } = this.#sheet;
    this.#remember();
    this.#isDrawing = true;
    const stroke = { width: this.penWidth, points: [onGrid(point)] };
    const sheet = { width, scan: null, strokes: [...strokes, stroke] };
    this.#change(scan ? "replace" : "grow", sheet);
  }

  /** The pen moves on. */
  extend(places) {
    const strokes = [...this.#sheet.strokes];
    const stroke = strokes.pop();
    const points = [...stroke.points];
    for (const place of places.map(onGrid)) {
      const { x, y } = points[points.length - 1];
      if (Math.hypot(place.x - x, place.y - y) >= NEAREST) points.push(place);
    }
    if (points.length === stroke.points.length) return;
    this.#change("grow", { ...this.#sheet, strokes: [...strokes, { ...stroke, points }] });
  }

  /** The pen is lifted. */
  end() {
    if (!this.#isDrawing) return;
    this.#isDrawing = false;
    this.dispatchEvent(new Event("penup"));
  }

  undo() {
    if (this.canUndo) this.#travel(this.#past, this.#future);
  }

  redo() {
    if (this.canRedo) this.#travel(this.#future, this.#past);
  }

  /** Makes the sheet `width` units wide; its strokes stay where they are. */
  resize(width) {
    this.show({ ...this.#sheet, width });
  }

  clear() {
    if (!isEmpty(this.#sheet)) this.show({ ...EMPTY, width: this.#sheet.width });
  }

  /** Goes on with a sheet from earlier or elsewhere, to which there is nothing to undo. */
  open(sheet) {
    this.#change("replace", sheet);
  }

  /** Makes the sheet another one; undo brings back what was there. */
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

/** Points lie half a unit apart: so a drawing is the same when it comes back from a link. */
function onGrid({ x, y, pressure }) {
  const point = { x: Math.round(2 * x) / 2, y: Math.round(2 * y) / 2 };
  return pressure === undefined ? point : { ...point, pressure: Math.round(63 * pressure) / 63 };
}
