/** A part of the page that explains the subject: it asks the server only while it is in view. */

import { Unreachable, post } from "./request.js";
import { subject } from "./subject.js";

const RETRY_AFTER = 3_000; // milliseconds
const AHEAD = "200px"; // how far below the window a part counts as in view

/** One explanation at a time, so that none of them keeps the plain answer waiting. */
let line = Promise.resolve();

/**
 * Keeps `section` true to the subject. Its `data-state` is "empty", "loading", "shown" or "trouble";
 * an element `.panel-trouble` in it, if there is one, says why.
 *
 * @template T
 * @param {HTMLElement} section
 * @param {(matter: import("./subject.js").Matter, signal: AbortSignal) => Promise<T>} load
 * @param {(content: T, matter: import("./subject.js").Matter) => void} show
 */
export function panel(section, load, show) {
  let isInView = false;
  let shown = null;
  let asking = new AbortController();

  async function update() {
    asking.abort();
    const matter = subject.current;
    if (matter === null) {
      shown = null;
      section.dataset.state = subject.isExpected ? "loading" : "empty";
      return;
    }
    if (!isInView || matter === shown) return;
    const request = (asking = new AbortController());
    section.dataset.state = "loading";
    try {
      const content = await inLine(() => load(matter, request.signal), request.signal);
      if (request.signal.aborted) return;
      shown = matter;
      show(content, matter);
      section.dataset.state = "shown";
    } catch (error) {
      if (request.signal.aborted) return;
      section.dataset.state = "trouble";
      const passes = error instanceof Unreachable;
      const trouble = section.querySelector(".panel-trouble");
      if (trouble) {
        trouble.textContent = passes
          ? "The server is out of reach; trying again."
          : error.message;
      }
      if (!passes) throw error;
      setTimeout(() => request === asking && update(), RETRY_AFTER);
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
  return post(`${url}?${query}`, matter.png, signal);
}

/** Runs `work` once all that was asked for earlier is done or given up. */
function inLine(work, signal) {
  const turn = line.then(() => {
    signal.throwIfAborted();
    return work();
  });
  line = turn.catch(() => {}); // whoever asked hears of it; those behind go on
  return turn;
}
