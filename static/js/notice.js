/** Show the visitor a sentence for a few seconds. */

const SHOWN_FOR = 7_000; // milliseconds

const slip = document.getElementById("notice");
let timer = null;

/** @param {string} words */
export function tell(words) {
  clearTimeout(timer);
  slip.textContent = words;
  timer = setTimeout(() => (slip.textContent = ""), SHOWN_FOR);
}
