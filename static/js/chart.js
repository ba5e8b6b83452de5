/** Lines over time on squared paper. The lines stretch with the plot; what is written does not. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {HTMLElement} plot is emptied
 * @param {{name: string, values: (number | null)[], isMain: boolean}[]} lines of values from 0 to 1;
 *   null where there is none. Each bears its name where it is highest.
 */
export function chart(plot, lines) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 1 1");
  svg.setAttribute("preserveAspectRatio", "none");
  const cursor = element("plot-cursor", "");
  plot.replaceChildren(svg, cursor);
  for (const [k, { name, values, isMain }] of lines.entries()) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", route(values));
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

/** Moves the plot's cursor to a moment. */
export function point(plot, moment, count) {
  at(plot.querySelector(".plot-cursor"), place(moment, count), 1);
}

/** Puts something at a place of the plot, both from 0 to 1. */
export function at(something, right, up) {
  something.style.left = `${100 * right}%`;
  something.style.top = `${100 * (1 - up)}%`;
  return something;
}

export function place(moment, count) {
  return count > 1 ? moment / (count - 1) : 0;
}

export function element(className, words) {
  const made = document.createElement("span");
  made.className = className;
  made.textContent = words;
  return made;
}

/** Where a value is missing, the line is interrupted. */
function route(values) {
  return values
    .map((value, k) => {
      if (value === null) return "";
      const isStart = k === 0 || values[k - 1] === null;
      return `${isStart ? "M" : "L"}${place(k, values.length)} ${1 - value}`;
    })
    .join("");
}
