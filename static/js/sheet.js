/** What is on the sheet, as one value that never changes, and how its strokes are painted. */

/** @typedef {{x: number, y: number, pressure?: number}} Point  in units; pressure, of a pen: 0 to 1 */
/** @typedef {{width: number, points: Point[]}} Stroke  of a pen `width` units wide; one point or more */
/**
 * @typedef {{
 *   image: CanvasImageSource,
 *   url: string,  the same as a PNG, in a data: URL
 *   png: Blob,  and as it is posted
 *   width: number,  pixels
 *   height: number,
 * }} Scan  a picture that was not drawn here
 */
/** @typedef {{width: number, strokes: Stroke[], scan: Scan | null}} Sheet  strokes, or a scan */

// In units, whatever the sheet's size on the screen.
export const HEIGHT = 280;
export const SQUARE = 280;
export const WIDE = 560; // for numbers
export const PEN_WIDTH = 20; // a digit as tall as two thirds of the sheet gets MNIST's strokes

/** @type {Sheet} */
export const EMPTY = { width: SQUARE, strokes: [], scan: null };

const PART = 64; // curves of a stroke that are painted in one go

/** Those that can be seen: when a sheet was made narrower, strokes may lie beside it. */
export function visibleStrokes({ strokes, width }) {
  return strokes.filter(({ points }) =>
    points.some(({ x, y }) => x >= 0 && x < width && y >= 0 && y < HEIGHT),
  );
}

export function isEmpty(sheet) {
  return sheet.scan === null && visibleStrokes(sheet).length === 0;
}

/**
 * Paints strokes with a round pen; smooth, because each curve ends half-way between two points.
 * @param {CanvasRenderingContext2D} context
 * @param {Stroke[]} strokes
 */
export function paint(context, strokes) {
  for (const stroke of strokes) paintParts(context, stroke, 0, finishedParts(stroke) + 1);
}

/** How many parts of a stroke stay as they are when it goes on; one more is on its way. */
export function finishedParts({ points }) {
  return Math.floor(Math.max(points.length - 2, 0) / PART);
}

/** Paints the parts of a stroke from `first` up to but without `end`. */
export function paintParts(context, stroke, first, end) {
  context.lineCap = "round";
  context.lineJoin = "round";
  for (let part = first; part < end; part += 1) paintPart(context, stroke, part * PART);
}

/** Paints the part that begins at the curve `start`; its curves turn at the points after that. */
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
  // A hair beyond the last point: lines without length, which dots are, are not drawn.
  if (start + PART > points.length - 2) context.lineTo(last.x + 0.01, last.y);
  context.stroke();
}

/** A pen pressed as usual draws as wide as a mouse does; harder or softer, a little wider or less. */
export function widthAt({ pressure = 0.5 }, width) {
  return width * (0.6 + 0.8 * pressure);
}

function middle(one, other) {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
}

/** Where a scan lies on a sheet: as large as there is room, in the middle. In units. */
export function placeOf(scan, sheetWidth) {
  const scale = Math.min(sheetWidth / scan.width, HEIGHT / scan.height);
  const [width, height] = [scan.width * scale, scan.height * scale];
  return { left: (sheetWidth - width) / 2, top: (HEIGHT - height) / 2, width, height, scale };
}
