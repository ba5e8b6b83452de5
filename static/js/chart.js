/** Draw lines over time on squared paper. The lines stretch with the plot; the words do not. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {HTMLElement} plot whose content is replaced
 * @param {{name: string, values: (number | null)[], isMain: boolean}[]} lines of values from 0 to 1,
 *   with gaps where they are null. Each line has its name where it is highest.
 */
export function chart(plot, lines) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 1 1");
  svg.setAttribute("preserveAspectRatio", "none");
  const cursor = element("plot-cursor", "");
  plot.replaceChildren(svg, cursor);
  for (const [k, { name, values, isMain }] of lines.entries()) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", pathOf(values));
    path.setAttribute("class", isMain ? "line main" : `line other-${k % 3}`);
    svg.append(path);
    const highest = values.indexOf(Math.max(...values));
    const label = at(element("line-name", name), place(highest, values.length), values[highest]);
    label.classList.toggle("at-start", highest < 0.1 * values.length);
    label.classList.toggle("at-end", highest >= 0.9 * values.length);
    plot.append(label);
  }
  for (const share of [0, 0.5, 1]) {
    plot.append(at(element("tick", `${100 * share}\u00a0%`), 0, share));
  }
}

/** Move the plot's cursor to a moment. */
export function point(plot, moment, count) {
  at(plot.querySelector(".plot-cursor"), place(moment, count), 1);
}

/** Place an element on the plot, whose width and height are 1. */
export function at(placed, right, up) {
  placed.style.left = `${100 * right}%`;
  placed.style.top = `${100 * (1 - up)}%`;
  return placed;
}

export function place(moment, count) {
  return count > 1 ? moment / (count - 1) : 0;
}

export function element(className, text) {
  const made = document.createElement("span");
  made.className = className;
  made.textContent = text;
  return made;
}

/** Return the SVG path through the values. */
function pathOf(values) {
  return values
    .map((value, k) => {
      if (value === null) return "";
      const isStart = k === 0 || values[k - 1] === null;
      return `${isStart ? "M" : "L"}${place(k, values.length)} ${1 - value}`;
    })
    .join("");
}
