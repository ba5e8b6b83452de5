/**
 * How one square of a feature map is worked out, as a pupil with a pencil would do it: every number
 * is rounded as it is written, and what follows is worked out from what is written.
 */

const PLACES = 3; // decimals

/**
 * @typedef {{width: number, planes: Float32Array[]}} Pictures  square ones of one size, in rows
 * @typedef {{side: number, slices: Float32Array[], bias: number}} Filter  one slice for each map
 * @typedef {{input: number, weight: number, product: number}} Cell
 * @typedef {{map: number, cells: Cell[], sum: number}} Share  what looking at one map adds
 */

export function rounded(value) {
  return Math.round(value * 10 ** PLACES) / 10 ** PLACES || 0; // never -0
}

/** A rounded number as it is written. */
export function written(value) {
  return value === 0 ? "0" : value.toFixed(PLACES).replace("-", "−");
}

/** What lies in the window of `side` squares each way at (x, y). */
export function lookedAt(plane, width, x, y, side) {
  const values = [];
  for (let row = y; row < y + side; row += 1) {
    for (let column = x; column < x + side; column += 1) values.push(plane[row * width + column]);
  }
  return values;
}

/**
 * What a filter makes of the window at (x, y).
 * @param {Pictures} pictures
 * @param {Filter} filter
 * @param {number} count how many maps, of those that add or take away most, to tell in full
 * @returns {{inFull: Share[], others: {map: number, sum: number}[], rest: number, bias: number,
 *   together: number, result: number}} `rest` is the sum of the others
 */
export function convolve({ width, planes }, filter, x, y, count) {
  const windows = planes.map((plane) => lookedAt(plane, width, x, y, filter.side));
  const shares = windows
    .map((inputs, map) => ({ map, sum: product(inputs, filter.slices[map]) }))
    .sort((one, other) => Math.abs(other.sum) - Math.abs(one.sum));
  const inFull = shares
    .slice(0, count)
    .map(({ map }) => share(map, windows[map], filter.slices[map]));
  const others = shares.slice(count).map(({ map, sum }) => ({ map, sum: rounded(sum) }));
  const rest = added(others.map(({ sum }) => sum));
  const bias = rounded(filter.bias);
  const together = added([...inFull.map(({ sum }) => sum), rest, bias]);
  return { inFull, others, rest, bias, together, result: Math.max(together, 0) };
}

/**
 * The maps, those first in which there is much, and of which the filter makes much.
 * @param {Pictures} pictures
 * @param {Filter} filter
 * @returns {number[]}
 */
export function byWeight({ planes }, { slices }) {
  const much = (values) => values.reduce((sum, value) => sum + Math.abs(value), 0);
  const weights = planes.map((plane, map) => much(plane) * much(slices[map]));
  return [...planes.keys()].sort((one, other) => weights[other] - weights[one]);
}

function share(map, inputs, weights) {
  const cells = inputs.map((value, k) => {
    const [input, weight] = [rounded(value), rounded(weights[k])];
    return { input, weight, product: rounded(input * weight) };
  });
  return { map, cells, sum: added(cells.map((cell) => cell.product)) };
}

function product(inputs, weights) {
  return inputs.reduce((sum, input, k) => sum + input * weights[k], 0);
}

function added(values) {
  return rounded(values.reduce((sum, value) => sum + value, 0));
}
