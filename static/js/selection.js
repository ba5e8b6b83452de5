/** The newest drawing, its answer, and the digit of it that the chapters explain. */

/**
 * @typedef {{
 *   strokes: import("./sheet.js").Stroke[] | null,  null for a picture
 *   width: number,  units of the sheet's width; its height is 280
 *   png: Blob,  as posted
 *   sheet: number[],  left, top, width and height of the sheet, in pixels of the PNG
 *   answer: object,  from /predict, with at least one digit
 *   digit: number,  the index of the selected one among the answer's digits
 *   reading: object,  the selected digit itself
 * }} Selected
 */

class SelectionStore extends EventTarget {
  /** @type {Selected | null} null if there is nothing to explain, or the answer is out of date */
  #current = null;
  #isPending = false;

  get current() {
    return this.#current;
  }

  /** Whether the answer to what is on the sheet is still to come. */
  get isPending() {
    return this.#isPending;
  }

  /** @param {Omit<Selected, "digit" | "reading">} selected */
  set(selected, digit) {
    this.#change({ ...selected, digit, reading: selected.answer.digits[digit] }, false);
  }

  /** Select another digit of the same answer. */
  choose(digit) {
    if (this.#current !== null && digit !== this.#current.digit) this.set(this.#current, digit);
  }

  /** Note that the sheet has changed; its answer is still to come. */
  expect() {
    if (!this.#isPending) this.#change(null, true);
  }

  /** Note that there is nothing to explain. */
  clear() {
    if (this.#current !== null || this.#isPending) this.#change(null, false);
  }

  #change(current, isPending) {
    this.#current = current;
    this.#isPending = isPending;
    this.dispatchEvent(new Event("change"));
  }
}

export const selection = new SelectionStore();
