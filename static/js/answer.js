/** Shows the answer: the digit, how likely each one is, and what the network saw. */

export const PATIENCE = 150; // milliseconds that an answer may lag behind the drawing

const section = document.getElementById("answer");
const text = document.getElementById("verdict-text");
const note = document.getElementById("verdict-note");
const seen = document.getElementById("seen");
const announcement = document.getElementById("announcement");
const rows = [...section.querySelectorAll(".probabilities tr")].map((row) => ({
  row,
  bar: row.querySelector("progress"),
  figure: row.querySelector(".percent"),
}));

/** The timer that takes an outdated answer away. */
let outdated = null;

/** @param {object} answer what /predict answered */
export function showAnswer(answer) {
  const [reading] = answer.digits;
  const message = answer.reason ?? `${percent(reading.confidence)} sure`;
  show(answer.verdict, answer.text ?? (answer.verdict === "blank" ? "–" : "?"), message, reading);
}

/** Nothing is drawn. */
export function showBlank() {
  show("blank", "–", "The answer appears here.");
}

/** The drawing has changed: what is shown is about to be out of date. */
export function expectAnswer() {
  if (section.dataset.state === "trouble") return; // until the server says otherwise
  outdated ??= setTimeout(() => show("waiting", "…", "Reading"), PATIENCE);
}

/** @param {string} why */
export function showRefusal(why) {
  show("trouble", "!", why);
}

export function showUnreachable() {
  show("trouble", "!", "The server is out of reach. Your drawing is safe; trying again.");
}

/** Tells screen readers what is shown; while the pen moves, that would be a stammer. */
export function announce() {
  announcement.textContent =
    section.dataset.state === "digit"
      ? `${text.textContent}, ${note.textContent}`
      : note.textContent;
}

function show(state, verdict, message, reading) {
  clearTimeout(outdated);
  outdated = null;
  section.dataset.state = state;
  text.textContent = verdict;
  note.textContent = message;
  rows.forEach(({ row, bar, figure }, digit) => {
    bar.value = reading?.probabilities[digit] ?? 0;
    figure.textContent = reading ? percent(reading.probabilities[digit]) : "";
    row.classList.toggle("likeliest", digit === reading?.digit);
  });
  seen.hidden = !reading;
  if (reading) seen.src = reading.image;
}

/** Never says 100 %: the network is never certain. */
function percent(share) {
  if (share > 0.995) return ">\u00a099\u00a0%";
  return `${Math.round(share * 100)}\u00a0%`;
}
