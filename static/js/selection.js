/** What the page is about: the newest drawing, the answer to it, and the digit that was chosen. */

/**
 * @typedef {{
 *   strokes: import("./sheet.js").Stroke[] | null,  null where it is a picture, not drawn
 *   width: number,  units of the sheet's width; its height is 280
 *   png: Blob,  what was posted
 *   sheet: number[],  left, top, width and height of the sheet, in pixels of the PNG
 *   answer: object,  what /predict said of it; at least one digit
 *   digit: number,  the place of the chosen one among the answer's digits
 *   reading: object,  that digit
 * }} Matter
 */

class Subject extends EventTarget {
  /** @type {Matter | null} null while there is nothing to explain, or the answer is out of date */
  #current = null;
  #isExpected = false;

  get current() {
    return this.#current;
  }

  /** Whether there is something on the sheet, and what to say of it is still to come. */
  get isExpected() {
    return this.#isExpected;
  }

  /** @param {Omit<Matter, "digit" | "reading">} matter */
  set(matter, digit) {
    this.#change({ ...matter, digit, reading: matter.answer.digits[digit] }, false);
  }

  /** Another digit of the same answer is to be explained. */
  choose(digit) {
    if (this.#current !== null && digit !== this.#current.digit) this.set(this.#current, digit);
  }

  /** What is on the sheet has changed; its answer is still to come. */
  expect() {
    if (!this.#isExpected) this.#change(null, true);
  }

  /** There is nothing to explain. */
  clear() {
    if (this.#current !== null || this.#isExpected) this.#change(null, false);
  }

  #change(current, isExpected) {
    this.#current = current;
    this.#isExpected = isExpected;
    this.dispatchEvent(new Event("change"));
  }
}

export const subject = new Subject();
