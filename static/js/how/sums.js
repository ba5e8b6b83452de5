/** Sums as in an exercise book: each product in its square, and a column to add up. */

import { convolve, rounded, windowAt, written } from "./arithmetic.js";

const IN_FULL = 3; // maps whose products a square of the second convolution shows
const POOL = 2; // squares each way that become one

/**
 * @typedef {{
 *   tables: HTMLElement[],
 *   others: string,  the sums that the tables contain only together
 *   spoken: string,
 *   seen: {map: number, x: number, y: number, side: number},  the window that contributed most
 * }} Sums
 */

/**
 * Show nine inputs times nine weights for each map, the bias, and ReLU.
 * @param {import("./arithmetic.js").Pictures} before
 * @param {import("./arithmetic.js").Filter} filter
 * @returns {Sums}
 */
export function convolutionSums(before, filter, x, y) {
  const sum = convolve(before, filter, x, y, IN_FULL);
  const isOne = before.planes.length === 1;
  const rows = sum.inFull.map(({ map, sum: value }) => [
    isOne ? "The nine products" : `Map ${map + 1}, nine products`,
    value,
  ]);
  if (!isOne) rows.push([`The other ${sum.others.length} maps`, sum.rest]);
  rows.push(["Bias", sum.bias]);
  const results = [
    ["Together", sum.together],
    [sum.together < 0 ? "ReLU makes it 0" : "ReLU keeps it", sum.result],
  ];
  const tables = sum.inFull.map(({ map, cells }) =>
    products(cells, isOne ? "The squares × the filter" : `Map ${map + 1} × its slice`),
  );
  return {
    tables: [...tables, ledger(rows, results)],
    others: sum.others.map((other) => `map ${other.map + 1}: ${written(other.sum)}`).join(", "),
    spoken: [...rows, ...results].map(([what, value]) => `${what}: ${written(value)}`).join(". "),
    seen: { map: sum.inFull[0].map, x, y, side: filter.side },
  };
}

/**
 * Show four numbers, and the largest.
 * @param {import("./arithmetic.js").Pictures} before
 * @returns {Sums}
 */
export function poolingSums({ width, planes }, map, x, y) {
  const seen = { map, x: POOL * x, y: POOL * y, side: POOL };
  const values = windowAt(planes[map], width, seen.x, seen.y, POOL).map(rounded);
  const largest = Math.max(...values);
  return {
    tables: [contest(values, largest), ledger([], [["Largest", largest]])],
    others: "",
    spoken: `${values.map(written).join(", ")}. The largest: ${written(largest)}`,
    seen,
  };
}

/** Return a table of products, each tinted by how much it adds or takes away. */
function products(cells, caption) {
  const most = Math.max(...cells.map(({ product }) => Math.abs(product)));
  return square(caption, cells, ({ input, weight, product }) => {
    const cell = element(
      "td",
      element("span", written(input)),
      element("span", `× ${written(weight)}`),
      element("b", `= ${written(product)}`),
    );
    cell.className = product < 0 ? "against" : "for";
    cell.style.setProperty("--share", most && Math.abs(product) / most);
    return cell;
  });
}

function contest(values, largest) {
  const winner = values.indexOf(largest);
  return square("The four numbers", [...values.keys()], (k) => {
    const cell = element("td", element("b", written(values[k])));
    cell.classList.toggle("winner", k === winner);
    return cell;
  });
}

function ledger(rows, results) {
  const row = ([what, value]) => {
    const name = element("th", what);
    name.scope = "row";
    return element("tr", name, element("td", written(value)));
  };
  const table = element(
    "table",
    element("tbody", ...rows.map(row)),
    element("tfoot", ...results.map(row)),
  );
  table.className = "ledger";
  return table;
}

/** Return a table with as many rows as columns. */
function square(caption, values, cell) {
  const side = Math.sqrt(values.length);
  const cells = values.map(cell);
  const rows = Array.from({ length: side }, (_, row) =>
    element("tr", ...cells.slice(row * side, (row + 1) * side)),
  );
  const table = element("table", element("caption", caption), element("tbody", ...rows));
  table.className = "square";
  return table;
}

function element(tag, ...children) {
  const made = document.createElement(tag);
  made.append(...children);
  return made;
}
