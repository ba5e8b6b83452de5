/** Decode the arrays that the server sends, and paint them in the colours of the page. */

/** @typedef {{shape: number[], data: Float32Array}} Tensor  in row-major order */

const SHADES = 255; // between paper and ink, and between paper and red
const root = document.documentElement;

// First of all `beforeprint` listeners: what is repainted for the printer has dark ink.
addEventListener("beforeprint", () => root.classList.add("printing"));
addEventListener("afterprint", () => root.classList.remove("printing"));

/**
 * @param {{dtype: "float16" | "float32", shape: number[], data: string}} sent
 * @returns {Tensor}
 */
export function decode({ dtype, shape, data }) {
  const text = atob(data);
  const bytes = new Uint8Array(text.length);
  for (let k = 0; k < bytes.length; k += 1) bytes[k] = text.charCodeAt(k);
  const view = new DataView(bytes.buffer);
  if (dtype === "float16") return { shape, data: float16s(view) };
  const values = new Float32Array(bytes.length / 4);
  for (let k = 0; k < values.length; k += 1) values[k] = view.getFloat32(4 * k, true);
  return { shape, data: values };
}

/** Read IEEE 754 half precision; browsers have done so themselves only since 2025. */
function float16s(view) {
  const values = new Float32Array(view.byteLength / 2);
  const bits = new Uint32Array(values.buffer);
  for (let k = 0; k < values.length; k += 1) {
    const half = view.getUint16(2 * k, true);
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    bits[k] = ((half >> 15) << 31) | (fraction << 13);
    if (exponent === 31) bits[k] |= 255 << 23; // infinity or NaN
    else if (exponent > 0) bits[k] |= (exponent + 112) << 23;
    else values[k] = (half >> 15 ? -1 : 1) * fraction * 2 ** -24;
  }
  return values;
}

/**
 * Paint each value as one pixel of the canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values in row-major order
 * @param {number} width values in a row
 * @param {(value: number) => [number, number, number]} colour red, green and blue, 0 to 255
 */
export function paintValues(canvas, values, width, colour) {
  canvas.width = width;
  canvas.height = values.length / width;
  // For so few pixels, a canvas in main memory is faster.
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const pixels = context.createImageData(canvas.width, canvas.height);
  for (let k = 0; k < values.length; k += 1) {
    const [red, green, blue] = colour(values[k]);
    pixels.data[4 * k] = red;
    pixels.data[4 * k + 1] = green;
    pixels.data[4 * k + 2] = blue;
    pixels.data[4 * k + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
}

/**
 * Return a colour scale of the current palette: paper at 0, ink at `most`, red at -`most`.
 * @param {number} most
 * @returns {(value: number) => [number, number, number]}
 */
export function scale(most) {
  const [paper, ink, red] = ["--paper", "--ink", "--red"].map(paletteColour);
  const towards = (end) =>
    Array.from({ length: SHADES + 1 }, (_, shade) =>
      paper.map((start, k) => Math.round(start + (shade / SHADES) * (end[k] - start))),
    );
  const [inks, reds] = [towards(ink), towards(red)];
  return (value) => {
    const shade = Math.round((SHADES * Math.min(Math.abs(value), most)) / (most || 1));
    return (value < 0 ? reds : inks)[shade];
  };
}

/** Repaint, at once, when the palette changes: from light to dark, and for the printer and back. */
export function onPaletteChange(repaint) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  for (const event of ["beforeprint", "afterprint"]) addEventListener(event, repaint);
}

/**
 * Return a colour of the current palette; base.css writes them as #rrggbb.
 * @param {string} name of the custom property
 * @returns {[number, number, number]} red, green and blue, 0 to 255
 */
export function paletteColour(name) {
  const hex = getComputedStyle(root).getPropertyValue(name).trim();
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}
