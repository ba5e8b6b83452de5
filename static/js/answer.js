/** Show the answer: the digit or digits, how likely each one is, and what the network saw. */

const ROOMS = [3, 6, 10]; // digits in a line: draw.css has a font size for each, and for 20

export const MAX_LAG = 150; // milliseconds that an answer may lag behind the drawing

const section = document.getElementById("answer");
const text = document.getElementById("verdict-text");
const note = document.getElementById("verdict-note");
const seen = document.getElementById("seen");
const digits = document.getElementById("digits");
const template = document.getElementById("digit");
const announcement = document.getElementById("announcement");
const rows = [...section.querySelectorAll(".probabilities tr")].map((row) => ({
  row,
  bar: row.querySelector("progress"),
  figure: row.querySelector(".percent"),
}));

/** The timer that hides an outdated answer. */
let outdated = null;

/** @param {object} answer what /predict answered */
export function showAnswer(answer) {
  const verdict = answer.text ?? (answer.verdict === "blank" ? "–" : "?");
  show(answer.verdict, verdict, answer.reason ?? certainty(answer.digits), answer.digits);
}

/** Show that nothing is drawn. */
export function showBlank() {
  show("blank", "–", "The answer appears here.");
}

/** Note that the drawing has changed: hide the answer if the next one takes long. */
export function expectAnswer() {
  if (section.dataset.state === "trouble") return; // shown until the server answers
  outdated ??= setTimeout(() => show("waiting", "…", "Reading"), MAX_LAG);
}

/** @param {string} why */
export function showRefusal(why) {
  show("trouble", "!", why);
}

/** @param {string} why */
export function showUnreachable(why) {
  show("trouble", "!", `${why}. Your drawing is safe; trying again.`);
}

/** Tell screen readers what is shown; not while the pen moves, which would make them stammer. */
export function announce() {
  announcement.textContent =
    section.dataset.state === "digit" || section.dataset.state === "number"
      ? `${text.textContent}, ${note.textContent}`
      : note.textContent;
}

function show(state, verdict, message, readings = []) {
  clearTimeout(outdated);
  outdated = null;
  section.dataset.state = state;
  text.textContent = verdict;
  const lines = verdict.split("\n");
  const needed = Math.max(2 * lines.length - 1, ...lines.map((line) => line.length));
  text.dataset.room = ROOMS.find((room) => room >= needed) ?? 20;
  note.textContent = message;
  const several = readings.length > 1 ? readings : [];
  digits.replaceChildren(...several.map((reading) => tile(reading, readings)));
  choose(leastCertain(readings), readings);
}

/** Return a button that chooses one of several digits. */
function tile(reading, readings) {
  const item = template.content.cloneNode(true);
  item.querySelector("img").src = reading.image;
  item.querySelector("b").textContent = reading.digit;
  item.querySelector("span").textContent = percent(reading.confidence);
  item.querySelector("button").addEventListener("click", () => {
    const place = readings.indexOf(reading);
    choose(place, readings);
    section.dispatchEvent(new CustomEvent("choose", { detail: place }));
  });
  return item;
}

/** Show how the reading at `place` came about; without readings, nothing. */
function choose(place, readings) {
  const reading = readings[place];
  digits.querySelectorAll("button").forEach((button, at) => {
    button.ariaPressed = at === place;
  });
  rows.forEach(({ row, bar, figure }, digit) => {
    bar.value = reading?.probabilities[digit] ?? 0;
    figure.textContent = reading ? percent(reading.probabilities[digit]) : "";
    row.classList.toggle("likeliest", digit === reading?.digit);
  });
  seen.hidden = !reading;
  if (reading) seen.src = reading.image;
}

function certainty(readings) {
  const sure = `${percent(readings[leastCertain(readings)].confidence)} sure`;
  return readings.length > 1 ? `${sure} of the least certain digit` : sure;
}

/** Return the place of the least certain of `readings`; -1 where there are none. */
export function leastCertain(readings) {
  const confidences = readings.map((reading) => reading.confidence);
  return confidences.indexOf(Math.min(...confidences));
}

/** Format a probability; never as 100 %, because the network is never certain. */
export function percent(share) {
  if (share > 0.995) return ">\u00a099\u00a0%";
  return `${Math.round(share * 100)}\u00a0%`;
}
