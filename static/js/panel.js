/** A part of the page that explains the selected digit. It asks the server only while in view. */

import { Refusal, Unreachable, post } from "./request.js";
import { selection } from "./selection.js";

const RETRY_AFTER = 3_000; // milliseconds
const MARGIN = "200px"; // how far from the window a part still counts as in view

/** Explanations queue here: one at a time, so that plain answers need not wait for them. */
let queue = Promise.resolve();

/**
 * Keep `section` up to date with the selection. Its `data-state` is "empty", "loading", "shown" or
 * "trouble", with the reason in its `.panel-trouble`. It has the class `has-content` until the sheet
 * is empty: while it loads, it shows what it showed before.
 *
 * @template T
 * @param {HTMLElement} section
 * @param {(selected: import("./selection.js").Selected, signal: AbortSignal) => Promise<T>} load
 * @param {(content: T, selected: import("./selection.js").Selected) => void} show
 * @returns {() => void} loads and shows the selection again, after any load in progress
 */
export function panel(section, load, show) {
  let isInView = false;
  let shown = null;
  let asking = new AbortController();
  let isAsking = false;
  let isOutdated = false;

  function update() {
    const selected = selection.current;
    if (selected !== null && selected === shown) return;
    asking.abort();
    isAsking = false;
    if (selected === null) {
      shown = null;
      section.dataset.state = selection.isPending ? "loading" : "empty";
      if (!selection.isPending) section.classList.remove("has-content");
      return;
    }
    section.dataset.state = "loading";
    if (isInView) ask(selected);
  }

  async function ask(selected) {
    const request = (asking = new AbortController());
    isAsking = true;
    try {
      do {
        isOutdated = false;
        const content = await load(selected, request.signal);
        if (request.signal.aborted) return;
        show(content, selected);
        shown = selected;
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

  selection.addEventListener("change", update);
  new IntersectionObserver(
    (entries) => {
      isInView = entries[entries.length - 1].isIntersecting;
      if (isInView) update();
    },
    { rootMargin: MARGIN },
  ).observe(section);

  return () => {
    isOutdated = true;
    if (!isAsking && shown !== null) ask(shown);
  };
}

/**
 * Post the selection's picture, with the index of the selected digit.
 * @param {string} url
 * @param {import("./selection.js").Selected} selected
 * @param {AbortSignal} signal
 * @param {Record<string, string | number>} parameters of the query
 */
export function explain(url, selected, signal, parameters = {}) {
  const query = new URLSearchParams({ digit: selected.digit, ...parameters });
  return enqueuePost(`${url}?${query}`, selected.png, signal);
}

/** Post a picture once all earlier requests in the queue are answered or aborted. */
export function enqueuePost(url, png, signal) {
  const turn = queue.then(() => {
    signal.throwIfAborted();
    return post(url, png, signal);
  });
  queue = turn.catch(() => {}); // the caller handles it; the next request goes on
  return turn;
}
