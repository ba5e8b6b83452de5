/** The sheet, as an immutable value, and how its strokes are painted. */

/** @typedef {{x: number, y: number, pressure?: number}} Point  in units; a pen's pressure, 0 to 1 */
/** @typedef {{width: number, points: Point[]}} Stroke  of a pen `width` units wide; at least a point */
/**
 * @typedef {{
 *   image: CanvasImageSource,
 *   url: string,  the same as a PNG in a data: URL
 *   png: Blob,  as posted
 *   width: number,  pixels
 *   height: number,
 * }} Scan  a picture not drawn here
 */
/** @typedef {{width: number, strokes: Stroke[], scan: Scan | null}} Sheet  strokes, or a scan */

// In units, independent of the size on the screen.
export const HEIGHT = 280;
export const SQUARE = 280;
export const WIDE = 560; // for numbers
export const PEN_WIDTH = 20; // digits two thirds as tall as the sheet look like MNIST's

/** @type {Sheet} */
export const EMPTY = { width: SQUARE, strokes: [], scan: null };

const PART = 64; // curves of a stroke that are painted together

/** Return the strokes on the sheet: once it was made narrower, others may lie beside it. */
export function visibleStrokes({ strokes, width }) {
  return strokes.filter(({ points }) =>
    points.some(({ x, y }) => x >= 0 && x < width && y >= 0 && y < HEIGHT),
  );
}

export function isEmpty(sheet) {
  return sheet.scan === null && visibleStrokes(sheet).length === 0;
}

/**
 * Paint strokes with a round pen. They are smooth because curves end half-way between two points.
 * @param {CanvasRenderingContext2D} context
 * @param {Stroke[]} strokes
 */
export function paint(context, strokes) {
  for (const stroke of strokes) paintParts(context, stroke, 0, finishedParts(stroke) + 1);
}

/** Return how many parts of a stroke will not change when it grows; one more part will. */
export function finishedParts({ points }) {
  return Math.floor(Math.max(points.length - 2, 0) / PART);
}

/** Paint the parts of a stroke from `first` up to, but not including, `end`. */
export function paintParts(context, stroke, first, end) {
  context.lineCap = "round";
  context.lineJoin = "round";
  for (let part = first; part < end; part += 1) paintPart(context, stroke, part * PART);
}

/** Paint the part that begins at the curve `start`. */
function paintPart(context, { width, points }, start) {
  const last = points[points.length - 1];
  const from = start === 0 ? points[0] : middle(points[start], points[start + 1]);
  context.lineWidth = widthAt(points[start], width);
  context.beginPath();
  context.moveTo(from.x, from.y);
  const end = Math.min(start + PART, points.length - 2);
  for (let i = start + 1; i <= end; i += 1) {
    const to = middle(points[i], points[i + 1]);
    context.quadraticCurveTo(points[i].x, points[i].y, to.x, to.y);
    if (points[i].pressure === undefined) continue;
    context.lineWidth = widthAt(points[i], width);
    context.stroke();
    context.beginPath();
    context.moveTo(to.x, to.y);
  }
  // A hair beyond the last point: browsers draw no lines without length, which dots are.
  if (start + PART > points.length - 2) context.lineTo(last.x + 0.01, last.y);
  context.stroke();
}

/** Return the width at a point: at medium pressure as with a mouse, otherwise a little more or less. */
export function widthAt({ pressure = 0.5 }, width) {
  return width * (0.6 + 0.8 * pressure);
}

function middle(one, other) {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
}

/** Return the scan's place on the sheet, in units: in the middle, as large as possible. */
export function placeOf(scan, sheetWidth) {
  const scale = Math.min(sheetWidth / scan.width, HEIGHT / scan.height);
  const [width, height] = [scan.width * scale, scan.height * scale];
  return { left: (sheetWidth - width) / 2, top: (HEIGHT - height) / 2, width, height, scale };
}
