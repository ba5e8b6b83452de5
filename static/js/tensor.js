/** Arrays of numbers as the server sends them, and as pictures. */

/** @typedef {{shape: number[], data: Float32Array}} Tensor  in rows, the last dimension first */

/**
 * @param {{dtype: "float16" | "float32", shape: number[], data: string}} sent
 * @returns {Tensor}
 */
export function decode({ dtype, shape, data }) {
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const size = dtype === "float16" ? 2 : 4;
  const read = dtype === "float16" ? float16 : (at) => view.getFloat32(at, true);
  return {
    shape,
    data: Float32Array.from({ length: bytes.length / size }, (_, k) => read(k * size)),
  };

  /** IEEE 754's half precision: browsers read it themselves only since 2025. */
  function float16(at) {
    const bits = view.getUint16(at, true);
    const sign = bits >> 15 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
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
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(canvas.width, canvas.height);
  for (let k = 0; k < values.length; k += 1) {
    pixels.data.set([...colour(values[k]), 255], 4 * k);
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
  return (value) => {
    const share = Math.min(Math.abs(value) / (most || 1), 1);
    const end = value < 0 ? red : ink;
    return paper.map((start, k) => start + share * (end[k] - start));
  };
}

/** Repaints when the system changes between light and dark. */
export function onSchemeChange(repaint) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
}

/** The colours of the palette are written as #rrggbb. */
function paletteColour(name) {
  const hex = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}
