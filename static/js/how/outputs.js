/** The last steps: the neurons, the ten outputs, and the second network. */

import { percent } from "../answer.js";
import { paintValues, scale } from "../tensor.js";

const NEURONS_IN_A_ROW = 16;

const neurons = document.getElementById("how-neurons");
const neuronsNote = document.getElementById("how-neurons-note");
const isDigit = document.getElementById("how-is-digit");
const rows = [...document.querySelectorAll("#how-outputs tbody tr")];

/**
 * @param {Float32Array} dense the outputs of the neurons
 * @param {Float32Array} first the ten outputs of the first look
 * @param {object} content the answer of /explain/layers
 */
export function paintOutputs(dense, first, content) {
  const most = Math.max(...dense);
  paintValues(neurons, dense, Math.min(NEURONS_IN_A_ROW, dense.length), scale(most));
  const active = dense.filter((value) => value > 0).length;
  const loudest = most.toFixed(1);
  neuronsNote.textContent = `${active} of the ${dense.length} speak, the loudest at ${loudest}.`;
  rows.forEach((row, digit) => {
    row.classList.toggle("chosen", digit === content.digit);
    row.querySelector(".share").style.width = `${100 * first[digit]}%`;
    const [look, mean] = row.querySelectorAll(".how-percent");
    look.textContent = percent(first[digit]);
    mean.textContent = percent(content.probabilities[digit]);
  });
  isDigit.hidden = content.is_digit === null;
  if (content.is_digit !== null) {
    isDigit.querySelector("b").textContent = percent(content.is_digit);
    isDigit.querySelector(".share").style.width = `${100 * content.is_digit}%`;
  }
}
