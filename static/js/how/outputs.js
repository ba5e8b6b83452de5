/** The last steps: the neurons, the ten outputs, and the second network's word. */

import { percent } from "../answer.js";
import { paintValues, scale } from "../tensor.js";

const NEURONS_IN_A_ROW = 16;

const neurons = document.getElementById("how-neurons");
const neuronsNote = document.getElementById("how-neurons-note");
const isDigit = document.getElementById("how-is-digit");
const rows = [...document.querySelectorAll("#how-outputs tbody tr")];

/**
 * @param {Float32Array} dense what the neurons answer
 * @param {Float32Array} first the ten outputs at the first look
 * @param {object} content what /explain/layers answered
 */
export function paintOutputs(dense, first, content) {
  const most = Math.max(...dense);
  paintValues(neurons, dense, Math.min(NEURONS_IN_A_ROW, dense.length), scale(most));
  const answered = dense.filter((value) => value > 0).length;
  const loudest = most.toFixed(1);
  neuronsNote.textContent = `${answered} of the ${dense.length} speak, the loudest ${loudest}.`;
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
