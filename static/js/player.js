/** A slider for moments in time, and a button that plays them. */

import { selection } from "./selection.js";

const stillness = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * Connect the slider and the button. For visitors who want no motion, the button takes one step.
 *
 * @param {HTMLElement} element with a slider and a button
 * @param {number} pace milliseconds for each moment
 * @param {(moment: number) => string} show returns the moment in words
 * @returns {(count: number, moment: number) => void} sets how many moments there are, and shows one
 */
export function player(element, pace, show) {
  const slider = element.querySelector("input");
  const button = element.querySelector("button");
  let timer = null;

  function go(moment) {
    slider.value = moment;
    slider.ariaValueText = show(Number(slider.value));
  }

  function next() {
    const isLast = Number(slider.value) >= Number(slider.max);
    if (isLast && timer !== null) stop();
    else go(isLast ? 0 : Number(slider.value) + 1);
  }

  function play() {
    next();
    timer = setInterval(next, pace);
    name();
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    name();
  }

  function name() {
    button.textContent = stillness.matches ? "Step" : timer === null ? "Play" : "Pause";
  }

  slider.addEventListener("input", () => {
    stop();
    go(slider.value);
  });
  button.addEventListener("click", () => {
    if (timer !== null) stop();
    else if (stillness.matches) next();
    else play();
  });
  stillness.addEventListener("change", stop);
  selection.addEventListener("change", stop);
  name();
  return (count, moment) => {
    stop();
    slider.max = count - 1;
    go(moment);
  };
}
