/** Arrays of numbers as the server sends them, and as pictures. */

/** @typedef {{shape: number[], data: Float32Array}} Tensor  in rows, the last dimension first */

const SHADES = 255; // between paper and ink, and between paper and red

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

/** IEEE 754's half precision: browsers read it themselves only since 2025. */
function float16s(view) {
  const values = new Float32Array(view.byteLength / 2);
  const bits = new Uint32Array(values.buffer); // single precision, written bit by bit
  for (let k = 0; k < values.length; k += 1) {
    const half = view.getUint16(2 * k, true);
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    bits[k] = ((half >> 15) << 31) | (fraction << 13);
    if (exponent === 31) bits[k] |= 255 << 23; // infinite, or no number
    else if (exponent > 0) bits[k] |= (exponent + 112) << 23;
    else values[k] = (half >> 15 ? -1 : 1) * fraction * 2 ** -24;
  }
  return values;
}

/**
 * Paints values as squares, one pixel of the canvas each.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values in rows
 * @param {number} width values in a row
 * @param {(value: number) => [number, number, number]} colour red, green and blue, 0 to 255
 */
export function paintValues(canvas, values, width, colour) {
  canvas.width = width;
  canvas.height = values.length / width;
  // So few pixels are no work for a graphics card.
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
 * A scale from the paper's colour at 0 to ink at `most`, and to red at -`most`, as the page's palette
 * has them now.
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

/** Repaints when the system changes between light and dark. */
export function onSchemeChange(repaint) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
}

/**
 * A colour of the page's palette as it is now; they are written as #rrggbb.
 * @param {string} name of the custom property
 * @returns {[number, number, number]} red, green and blue, 0 to 255
 */
export function paletteColour(name) {
  const hex = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}
