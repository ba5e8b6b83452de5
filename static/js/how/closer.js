/** A close look at one feature map: what it was made from, its filter, the sums of one square. */

import { paintValues, scale } from "../tensor.js";
import { byWeight, rounded, written } from "./arithmetic.js";
import { convolutionSums, poolingSums } from "./sums.js";

const SLICES_IN_A_ROW = 8;
const SAY_AFTER = 500; // milliseconds without another choice
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @typedef {import("./how.js").Layer} Layer */

export class Closer {
  #part;
  #say;
  #timer;
  /** @type {Layer} */
  #layer;
  /** @type {Layer} what it was made from */
  #before;
  #map;
  /** @type {import("./arithmetic.js").Filter | null} pooling has none */
  #filter;
  #x;
  #y;

  /**
   * @param {HTMLElement} element
   * @param {(text: string) => void} say for screen readers
   */
  constructor(element, say) {
    this.#part = (name) => element.querySelector(`[data-part="${name}"]`);
    this.#say = say;
    const output = this.#part("output");
    output.addEventListener("click", (event) => this.#onPointer(event));
    output.addEventListener("pointermove", (event) => this.#onPointer(event));
    output.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** Show one of the layer's maps, and how its strongest square was made. */
  show(layer, before, map, filter) {
    this.#layer = layer;
    this.#before = before;
    this.#map = map;
    this.#filter = filter;
    const plane = layer.planes[map];
    const most = Math.max(...plane);
    const name = layer.nameOf(map);
    this.#part("title").textContent = most > 0 ? name : `${name}: empty, nothing matched`;
    this.#part("output").ariaLabel = `${name}, large. Arrow keys choose a square.`;
    paintValues(this.#part("output"), plane, layer.width, layer.colour);
    if (filter !== null) this.#paintFilter();
    const place = most > 0 ? plane.indexOf(most) : Math.floor(plane.length / 2);
    this.#choose(place % layer.width, Math.floor(place / layer.width));
  }

  /** Paint its slices side by side, the ones that matter most to this map first. */
  #paintFilter() {
    const { side, slices, bias } = this.#filter;
    const canvas = this.#part("filter");
    const columns = Math.min(slices.length, SLICES_IN_A_ROW);
    const width = columns * (side + 1) - 1;
    const values = new Float32Array(width * (Math.ceil(slices.length / columns) * (side + 1) - 1));
    const order = byWeight(this.#before, this.#filter);
    order.forEach((map, place) => {
      const first = (Math.floor(place / columns) * width + (place % columns)) * (side + 1);
      slices[map].forEach((weight, k) => {
        values[first + Math.floor(k / side) * width + (k % side)] = weight;
      });
    });
    paintValues(canvas, values, width, scale(Math.max(...values.map(Math.abs))));
    const context = canvas.getContext("2d");
    for (let gap = side; gap < width; gap += side + 1) {
      context.clearRect(gap, 0, 1, canvas.height);
      context.clearRect(0, gap, width, 1);
    }
    this.#part("bias").textContent = written(rounded(bias));
    const names = this.#part("order");
    if (names) names.textContent = order.map((map) => map + 1).join(", ");
  }

  /** Show how the square at (x, y) was made; return it in words. */
  #choose(x, y) {
    this.#x = x;
    this.#y = y;
    const { planes, width } = this.#layer;
    const before = this.#before;
    const { tables, others, spoken, seen } =
      this.#filter === null
        ? poolingSums(before, this.#map, x, y)
        : convolutionSums(before, this.#filter, x, y);
    mark(this.#part("output-mark"), x, y, 1, width);
    mark(this.#part("input-mark"), seen.x, seen.y, seen.side, before.width);
    paintValues(this.#part("input"), before.planes[seen.map], before.width, before.colour);
    this.#part("input-name").textContent = before.nameOf(seen.map);
    this.#part("sums").replaceChildren(...tables);
    if (others) this.#part("others").textContent = others;
    const value = planes[this.#map][y * width + x].toFixed(4);
    const place = `Row ${y + 1}, column ${x + 1}`;
    this.#part("exact").textContent = `${place}. With more decimals, the network has ${value}.`;
    return `${place}. ${spoken}.`;
  }

  /** Choose a square: with a mouse by pointing, with a finger by tapping or dragging. */
  #onPointer(event) {
    const box = event.currentTarget.getBoundingClientRect();
    const at = (distance) => Math.floor((distance / box.width) * this.#layer.width);
    this.#move(at(event.clientX - box.left), at(event.clientY - box.top));
  }

  #onKey(event) {
    const step = STEPS[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.#move(this.#x + step[0], this.#y + step[1]);
  }

  /** Move to a square, and announce its sums only once the choice rests. */
  #move(...place) {
    const [x, y] = place.map((each) => Math.min(Math.max(each, 0), this.#layer.width - 1));
    if (x === this.#x && y === this.#y) return;
    const spoken = this.#choose(x, y);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#say(spoken), SAY_AFTER);
  }
}

/** Frame the window of `side` squares at (x, y) of a picture that is `width` squares wide. */
function mark(frame, x, y, side, width) {
  frame.style.left = `${(100 * x) / width}%`;
  frame.style.top = `${(100 * y) / width}%`;
  frame.style.width = frame.style.height = `${(100 * side) / width}%`;
}
