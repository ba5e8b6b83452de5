/** A part of the page that explains the subject: it asks the server only while it is in view. */

import { Refusal, Unreachable, post } from "./request.js";
import { subject } from "./subject.js";

const RETRY_AFTER = 3_000; // milliseconds
const AHEAD = "200px"; // how far below the window a part counts as in view

/** One explanation at a time, so that none of them keeps the plain answer waiting. */
let line = Promise.resolve();

/**
 * Keeps `section` true to the subject. Its `data-state` is "empty", "loading", "shown" or "trouble";
 * an element `.panel-trouble` in it says why. It has the class `has-content` from
 * when something is shown until the sheet is empty: on the way to a new drawing, the earlier stays.
 *
 * @template T
 * @param {HTMLElement} section
 * @param {(matter: import("./subject.js").Matter, signal: AbortSignal) => Promise<T>} load
 * @param {(content: T, matter: import("./subject.js").Matter) => void} show
 * @returns {() => void} loads once more what is shown, because `load` would now ask for something
 *   else; called while it loads, it waits for that
 */
export function panel(section, load, show) {
  let isInView = false;
  let shown = null;
  let asking = new AbortController();
  let isAsking = false;
  let isOutdated = false;

  function update() {
    const matter = subject.current;
    if (matter !== null && matter === shown) return;
    asking.abort();
    isAsking = false;
    if (matter === null) {
      shown = null;
      section.dataset.state = subject.isExpected ? "loading" : "empty";
      if (!subject.isExpected) section.classList.remove("has-content");
      return;
    }
    section.dataset.state = "loading";
    if (isInView) ask(matter);
  }

  async function ask(matter) {
    const request = (asking = new AbortController());
    isAsking = true;
    try {
      do {
        isOutdated = false;
        const content = await load(matter, request.signal);
        if (request.signal.aborted) return;
        show(content, matter);
        shown = matter;
        section.dataset.state = "shown";
        section.classList.add("has-content");
      } while (isOutdated);
      isAsking = false;
    } catch (error) {
      if (request.signal.aborted) return;
      isAsking = false;
      shown = null;
      section.dataset.state = "trouble";
      const tell = (why) => (section.querySelector(".panel-trouble").textContent = why);
      if (error instanceof Unreachable) {
        tell(`${error.message}; trying again.`);
        const wait = Math.max(error.wait, RETRY_AFTER);
        setTimeout(() => request === asking && update(), wait);
      } else if (error instanceof Refusal) {
        tell(error.message);
      } else {
        tell("Something went wrong in this page.");
        throw error;
      }
    }
  }

  subject.addEventListener("change", update);
  new IntersectionObserver(
    (entries) => {
      isInView = entries[entries.length - 1].isIntersecting;
      if (isInView) update();
    },
    { rootMargin: AHEAD },
  ).observe(section);

  return () => {
    isOutdated = true;
    if (!isAsking && shown !== null) ask(shown);
  };
}

/**
 * Posts the subject's picture, with the place of the chosen digit.
 * @param {string} url
 * @param {import("./subject.js").Matter} matter
 * @param {AbortSignal} signal
 * @param {Record<string, string | number>} parameters of the query
 */
export function explain(url, matter, signal, parameters = {}) {
  const query = new URLSearchParams({ digit: matter.digit, ...parameters });
  return postInLine(`${url}?${query}`, matter.png, signal);
}

/** Posts a picture once all that was asked for earlier is answered or given up. */
export function postInLine(url, png, signal) {
  const turn = line.then(() => {
    signal.throwIfAborted();
    return post(url, png, signal);
  });
  line = turn.catch(() => {}); // whoever asked hears of it; those behind go on
  return turn;
}
