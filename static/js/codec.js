/** Encode a drawing as a short text, for a link's fragment and for the browser's memory.
 *
 * The text is a version, "1", and varints (LEB128) in base64url: the kind of sheet; then for each
 * stroke twice the width of its pen, plus one if its points have pressures; the number of points;
 * and the steps from point to point, zigzag-encoded, in half units.
 */

import { SQUARE, WIDE } from "./sheet.js";

const VERSION = "1";
const WIDTHS = [SQUARE, WIDE];
const MAX_COORDINATE = 4_000; // half units: nobody draws farther out
const MAX_PEN_WIDTH = 60; // units
const MAX_PRESSURE = 63;

/** @param {import("./sheet.js").Sheet} sheet with strokes, not with a scan */
export function encode({ width, strokes }) {
  const numbers = [WIDTHS.indexOf(width)];
  for (const { width: pen, points } of strokes) {
    const hasPressure = points[0].pressure !== undefined;
    numbers.push(2 * pen + Number(hasPressure), points.length);
    let [x, y] = [0, 0];
    for (const point of points) {
      numbers.push(toZigzag(2 * point.x - x), toZigzag(2 * point.y - y));
      if (hasPressure) numbers.push(Math.round(MAX_PRESSURE * point.pressure));
      [x, y] = [2 * point.x, 2 * point.y];
    }
  }
  const bytes = numbers.flatMap(toVarint).map((byte) => String.fromCharCode(byte)).join("");
  return VERSION + btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * @param {string} text from anywhere
 * @returns {import("./sheet.js").Sheet | null} null if the text does not encode a drawing
 */
export function decode(text) {
  if (!/^1[\w-]+$/.test(text)) return null;
  let bytes;
  try {
    bytes = atob(text.slice(VERSION.length).replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return null; // not base64
  }
  const numbers = fromVarints(bytes);
  const width = WIDTHS[numbers.next().value];
  const strokes = [];
  for (let head = numbers.next(); !head.done; head = numbers.next()) {
    const stroke = decodeStroke(head.value, numbers);
    if (stroke === null) return null;
    strokes.push(stroke);
  }
  return width && strokes.length > 0 ? { width, strokes, scan: null } : null;
}

/** Decode a stroke; null where `numbers` end too early or mean nothing. */
function decodeStroke(head, numbers) {
  const count = numbers.next().value;
  const width = head >> 1;
  if (!(count > 0) || width < 1 || width > MAX_PEN_WIDTH) return null;
  const points = [];
  let [x, y] = [0, 0];
  for (let k = 0; k < count; k += 1) {
    x += fromZigzag(numbers.next().value);
    y += fromZigzag(numbers.next().value);
    const point = { x: x / 2, y: y / 2 };
    if (head % 2 === 1) point.pressure = numbers.next().value / MAX_PRESSURE;
    const isOnDesk = Math.max(Math.abs(x), Math.abs(y)) <= MAX_COORDINATE; // false for NaN
    if (!isOnDesk || !((point.pressure ?? 0) <= 1)) return null;
    points.push(point);
  }
  return { width, points };
}

function toZigzag(number) {
  return number < 0 ? -2 * number - 1 : 2 * number;
}

function fromZigzag(number) {
  return number % 2 === 1 ? -(number + 1) / 2 : number / 2;
}

function toVarint(number) {
  return number < 128 ? [number] : [(number % 128) + 128, ...toVarint(Math.floor(number / 128))];
}

/** Decode varints; an unfinished last one is left out. */
function* fromVarints(bytes) {
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
