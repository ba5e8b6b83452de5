/** The drawing: strokes made with mouse, pen or finger, painted as they come. */

/** @typedef {{x: number, y: number}} Point  in units of the paper, 0 to PAPER */
/** @typedef {Point[]} Stroke */

export const PAPER = 280; // units along each side of the paper, whatever its size on the screen
export const PEN_WIDTH = 20; // units: a digit as tall as two thirds of the paper gets MNIST's strokes

/**
 * Draws strokes with a round pen; smooth, because each curve ends half-way between two points.
 * @param {CanvasRenderingContext2D} context
 * @param {Stroke[]} strokes
 */
export function paint(context, strokes) {
  context.lineWidth = PEN_WIDTH;
  context.lineCap = "round";
  context.lineJoin = "round";
  for (const stroke of strokes) {
    const [first] = stroke;
    const last = stroke[stroke.length - 1];
    context.beginPath();
    context.moveTo(first.x, first.y);
    for (let i = 1; i < stroke.length - 1; i += 1) {
      const here = stroke[i];
      const next = stroke[i + 1];
      context.quadraticCurveTo(here.x, here.y, (here.x + next.x) / 2, (here.y + next.y) / 2);
    }
    // A hair beyond the last point: lines without length, which dots are, are not drawn.
    context.lineTo(last.x + 0.01, last.y);
    context.stroke();
  }
}

export class Drawing extends EventTarget {
  /** @type {Stroke[]} */
  #strokes = [];
  /** @type {Stroke[][]} what the strokes were before each change that can be undone */
  #past = [];
  /** @type {number | null} the pointer that draws; a palm or a second finger is not it */
  #pointer = null;
  #canvas;
  #painting = false;

  /**
   * Dispatches `grow` when ink is added, `shrink` when strokes are undone, brought back by undoing
   * or cleared, and `penup`.
   * @param {HTMLCanvasElement} canvas
   */
  constructor(canvas) {
    super();
    this.#canvas = canvas;
    canvas.addEventListener("pointerdown", (event) => this.#begin(event));
    canvas.addEventListener("pointermove", (event) => this.#draw(event));
    canvas.addEventListener("pointerup", (event) => this.#end(event));
    canvas.addEventListener("pointercancel", (event) => this.#end(event));
    canvas.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press
    new ResizeObserver(() => this.#repaint()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#repaint());
  }

  get strokes() {
    return this.#strokes;
  }

  get isDrawing() {
    return this.#pointer !== null;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  undo() {
    if (!this.canUndo) return;
    this.#pointer = null;
    this.#change("shrink", this.#past.pop());
  }

  clear() {
    if (this.#strokes.length === 0) return;
    this.#pointer = null;
    this.#past.push(this.#strokes);
    this.#change("shrink", []);
  }

  #begin(event) {
    if (this.isDrawing || event.button !== 0) return;
    event.preventDefault(); // no selection, no drag
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pointer = event.pointerId;
    this.#past.push(this.#strokes);
    this.#change("grow", [...this.#strokes, [this.#at(event)]]);
  }

  #draw(event) {
    if (event.pointerId !== this.#pointer) return;
    // All the places the pen was since the last frame, where the browser tells.
    const events = event.getCoalescedEvents?.() ?? [];
    const points = (events.length > 0 ? events : [event]).map((each) => this.#at(each));
    const stroke = [...this.#strokes[this.#strokes.length - 1], ...points];
    this.#change("grow", [...this.#strokes.slice(0, -1), stroke]);
  }

  #end(event) {
    if (event.pointerId !== this.#pointer) return;
    this.#pointer = null;
    this.dispatchEvent(new Event("penup"));
  }

  /** @returns {Point} */
  #at(event) {
    const box = this.#canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * PAPER,
      y: ((event.clientY - box.top) / box.height) * PAPER,
    };
  }

  #change(kind, strokes) {
    this.#strokes = strokes;
    this.#repaint();
    this.dispatchEvent(new Event(kind));
  }

  #repaint() {
    if (this.#painting) return;
    this.#painting = true;
    requestAnimationFrame(() => {
      this.#painting = false;
      const canvas = this.#canvas;
      const side = Math.round(canvas.clientWidth * devicePixelRatio);
      if (canvas.width !== side) canvas.width = canvas.height = side;
      const context = canvas.getContext("2d");
      context.setTransform(side / PAPER, 0, 0, side / PAPER, 0, 0);
      context.clearRect(0, 0, PAPER, PAPER);
      context.strokeStyle = getComputedStyle(canvas).color;
      paint(context, this.#strokes);
    });
  }
}
