/** Show ten probabilities as columns, one for each digit. */

import { percent } from "./answer.js";

/**
 * @param {HTMLElement} element with role img
 * @param {{digit: number, probabilities: number[]}} reading
 */
export function showColumns(element, { digit, probabilities }) {
  while (element.children.length < 10) {
    const column = element.appendChild(document.createElement("span"));
    column.append(document.createElement("i"), document.createElement("b"));
    column.lastChild.textContent = element.children.length - 1;
  }
  [...element.children].forEach((column, k) => {
    column.style.setProperty("--share", probabilities[k]);
    column.classList.toggle("likeliest", k === digit);
  });
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
  const words = order.slice(0, 3).map((k) => `${k} with ${percent(probabilities[k])}`);
  element.ariaLabel = `The likeliest digits: ${words.join(", ")}`;
}
