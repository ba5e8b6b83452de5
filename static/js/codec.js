/** A drawing as a short text, for a link's fragment and for the browser's memory.
 *
 * The text is a version, "1", and base64url. Its bytes are whole numbers of seven bits a byte, the
 * lowest first: the sheet's kind; then for each stroke its pen's width, doubled, and one more where
 * its points know their pressure; how many points it has; and the steps from each to the next, in
 * half units, each with its sign in the lowest bit.
 */

import { SQUARE, WIDE } from "./sheet.js";

const VERSION = "1";
const WIDTHS = [SQUARE, WIDE];
const FARTHEST = 4_000; // half units: nobody draws farther out
const WIDEST_PEN = 60; // units
const PRESSURES = 63;

/** @param {import("./sheet.js").Sheet} sheet with strokes, not a scan */
export function encode({ width, strokes }) {
  const numbers = [WIDTHS.indexOf(width)];
  for (const { width: pen, points } of strokes) {
    const hasPressure = points[0].pressure !== undefined;
    numbers.push(2 * pen + Number(hasPressure), points.length);
    let [x, y] = [0, 0];
    for (const point of points) {
      numbers.push(withSign(2 * point.x - x), withSign(2 * point.y - y));
      if (hasPressure) numbers.push(Math.round(PRESSURES * point.pressure));
      [x, y] = [2 * point.x, 2 * point.y];
    }
  }
  const bytes = numbers.flatMap(inSevens).map((byte) => String.fromCharCode(byte)).join("");
  return VERSION + btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * @param {string} text whatever somebody put behind the address
 * @returns {import("./sheet.js").Sheet | null} null where the text is no drawing
 */
export function decode(text) {
  if (!/^1[\w-]+$/.test(text)) return null;
  let bytes;
  try {
    bytes = atob(text.slice(VERSION.length).replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return null; // cut off where base64 cannot end
  }
  const numbers = fromSevens(bytes);
  const width = WIDTHS[numbers.next().value];
  const strokes = [];
  for (let head = numbers.next(); !head.done; head = numbers.next()) {
    const stroke = decodeStroke(head.value, numbers);
    if (stroke === null) return null;
    strokes.push(stroke);
  }
  return width && strokes.length > 0 ? { width, strokes, scan: null } : null;
}

/** Reads a stroke, or null where `numbers` end too early or mean nothing. */
function decodeStroke(head, numbers) {
  const count = numbers.next().value;
  const width = head >> 1;
  if (!(count > 0) || width < 1 || width > WIDEST_PEN) return null;
  const points = [];
  let [x, y] = [0, 0];
  for (let k = 0; k < count; k += 1) {
    x += withoutSign(numbers.next().value);
    y += withoutSign(numbers.next().value);
    const point = { x: x / 2, y: y / 2 };
    if (head % 2 === 1) point.pressure = numbers.next().value / PRESSURES;
    if (!(Math.max(Math.abs(x), Math.abs(y)) <= FARTHEST) || !((point.pressure ?? 0) <= 1)) {
      return null;
    }
    points.push(point);
  }
  return { width, points };
}

function withSign(number) {
  return number < 0 ? -2 * number - 1 : 2 * number;
}

function withoutSign(number) {
  return number % 2 === 1 ? -(number + 1) / 2 : number / 2;
}

function inSevens(number) {
  return number < 128 ? [number] : [(number % 128) + 128, ...inSevens(Math.floor(number / 128))];
}

/** The numbers of a text of bytes; what a last byte leaves unfinished is none. */
function* fromSevens(bytes) {
  let [number, factor] = [0, 1];
  for (const character of bytes) {
    const byte = character.charCodeAt(0);
    number += (byte % 128) * factor;
    factor *= 128;
    if (byte >= 128) continue;
    yield number;
    [number, factor] = [0, 1];
  }
}
