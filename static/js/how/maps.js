/** The maps of a layer, and the one to look at: chosen by pointing, tapping, or the arrow keys. */

import { paintValues } from "../tensor.js";

export class Maps extends EventTarget {
  /** The index of the map to look at: the one pointed at, or the chosen one. */
  looked;
  #grid;
  #canvases = [];
  #chosen;
  #isVisitors = false; // whether the visitor chose it

  /**
   * Dispatches "look" when it is another map.
   * @param {HTMLElement} grid
   */
  constructor(grid) {
    super();
    this.#grid = grid;
    grid.addEventListener("focusin", ({ target }) => {
      this.#isVisitors = true;
      this.#choose(this.#canvases.indexOf(target));
    });
    // Not pointerover, which also fires when the page scrolls under a mouse at rest.
    grid.addEventListener("pointermove", ({ target, pointerType }) => {
      const map = this.#canvases.indexOf(target);
      if (pointerType === "mouse" && map >= 0 && map !== this.looked) this.#look(map);
    });
    grid.addEventListener("pointerleave", () => {
      if (this.looked !== this.#chosen) this.#look(this.#chosen);
    });
    grid.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /**
   * Paint the maps. Until the visitor chooses one, choose the one with the largest number.
   * @param {import("./how.js").Layer} layer
   */
  paint({ planes, width, most, colour, nameOf }) {
    if (this.#canvases.length !== planes.length) this.#fill(planes.length);
    planes.forEach((plane, map) => {
      paintValues(this.#canvases[map], plane, width, colour);
      this.#canvases[map].ariaLabel = nameOf(map);
    });
    const largest = planes.findIndex((plane) => plane.includes(most));
    this.#choose(this.#isVisitors ? this.#chosen : largest);
  }

  #fill(count) {
    this.#isVisitors = false;
    this.#canvases = Array.from({ length: count }, () => {
      const canvas = document.createElement("canvas");
      canvas.role = "option";
      return canvas;
    });
    this.#grid.replaceChildren(...this.#canvases);
  }

  #choose(map) {
    this.#chosen = map;
    this.#canvases.forEach((canvas, k) => {
      canvas.tabIndex = k === map ? 0 : -1;
      canvas.ariaSelected = k === map;
    });
    this.#look(map);
  }

  #look(map) {
    this.looked = map;
    this.#canvases.forEach((canvas, k) => canvas.classList.toggle("looked", k === map));
    this.dispatchEvent(new Event("look"));
  }

  #onKey(event) {
    const first = this.#canvases[0];
    const columns = this.#canvases.filter((one) => one.offsetTop === first.offsetTop).length;
    const to = {
      ArrowLeft: this.#chosen - 1,
      ArrowRight: this.#chosen + 1,
      ArrowUp: this.#chosen - columns,
      ArrowDown: this.#chosen + columns,
      Home: 0,
      End: this.#canvases.length - 1,
    }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.#canvases[to]?.focus();
  }
}
