/**
 * Calculate one square of a feature map as a pupil with a pencil would: every number is rounded when
 * it is written down, and the next step uses the rounded number.
 */

const PLACES = 3; // decimals

/**
 * @typedef {{width: number, planes: Float32Array[]}} Pictures  square, of one size, in rows
 * @typedef {{side: number, slices: Float32Array[], bias: number}} Filter  one slice for each map
 * @typedef {{input: number, weight: number, product: number}} Cell
 * @typedef {{map: number, cells: Cell[], sum: number}} Share  what one map contributes
 */

export function rounded(value) {
  return Math.round(value * 10 ** PLACES) / 10 ** PLACES || 0; // never -0
}

/** Format a rounded number. */
export function written(value) {
  return value === 0 ? "0" : value.toFixed(PLACES).replace("-", "−");
}

/** Return the values in the window of `side` squares each way at (x, y). */
export function windowAt(plane, width, x, y, side) {
  const values = [];
  for (let row = y; row < y + side; row += 1) {
    for (let column = x; column < x + side; column += 1) values.push(plane[row * width + column]);
  }
  return values;
}

/**
 * Apply a filter to the window at (x, y).
 * @param {Pictures} pictures
 * @param {Filter} filter
 * @param {number} count how many maps, those that contribute most, to calculate in full
 * @returns {{inFull: Share[], others: {map: number, sum: number}[], rest: number, bias: number,
 *   together: number, result: number}} `rest` is the sum of the others
 */
export function convolve({ width, planes }, filter, x, y, count) {
  const windows = planes.map((plane) => windowAt(plane, width, x, y, filter.side));
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
 * Order the maps by how much they and the filter's weights for them contain.
 * @param {Pictures} pictures
 * @param {Filter} filter
 * @returns {number[]}
 */
export function byWeight({ planes }, { slices }) {
  const size = (values) => values.reduce((sum, value) => sum + Math.abs(value), 0);
  const weights = planes.map((plane, map) => size(plane) * size(slices[map]));
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
