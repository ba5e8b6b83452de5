/** Asks the server: one request at a time, the newest drawing only, again if it cannot be reached. */

import { toPng } from "./picture.js";

const TIMEOUT = 5_000; // milliseconds for one answer
const RETRY_AFTER = 1_500; // milliseconds
const PASSING = new Set([429, 502, 503, 504]); // statuses that say "later" rather than "no"

/** Nothing came back, or a "later": worth asking again. */
class Unreachable extends Error {}

/** A "no" that asking again will not change. */
class Refusal extends Error {}

export class Reader {
  #url;
  #on;
  /** @type {import("./drawing.js").Stroke[] | null} the drawing that still wants an answer */
  #wanted = null;
  #isBusy = false;
  #request = new AbortController();

  /**
   * @param {string} url
   * @param {{
   *   answer: (answer: object) => void,
   *   earlier: (answer: object, milliseconds: number) => void,
   *   refusal: (why: string) => void,
   *   unreachable: () => void,
   * }} on  `answer` is about the newest drawing; `earlier` about one that has grown since, and how
   *   long ago that was asked
   */
  constructor(url, on) {
    this.#url = url;
    this.#on = on;
  }

  /** Wants an answer to this drawing, which is the one before with more ink. */
  read(strokes) {
    this.#wanted = strokes;
    if (!this.#isBusy) this.#run();
  }

  /** Wants no answer any more to anything drawn so far. */
  forget() {
    this.#wanted = null;
    this.#request.abort();
  }

  async #run() {
    this.#isBusy = true;
    try {
      while (this.#wanted !== null) await this.#readOne(this.#wanted);
    } finally {
      this.#isBusy = false;
    }
  }

  async #readOne(strokes) {
    const request = new AbortController();
    this.#request = request;
    const asked = performance.now();
    let answer;
    try {
      answer = await ask(this.#url, strokes, request.signal);
    } catch (error) {
      if (request.signal.aborted || this.#wanted === null) return;
      if (error instanceof Unreachable) {
        this.#on.unreachable();
        await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER));
        return;
      }
      this.#wanted = null;
      this.#on.refusal(error.message);
      if (!(error instanceof Refusal)) throw error;
      return;
    }
    if (request.signal.aborted) return;
    if (this.#wanted === strokes) {
      this.#wanted = null;
      this.#on.answer(answer);
    } else {
      this.#on.earlier(answer, performance.now() - asked);
    }
  }
}

async function ask(url, strokes, forgotten) {
  const body = toPng(strokes);
  const waiting = new AbortController();
  const stop = () => waiting.abort();
  const timer = setTimeout(stop, TIMEOUT);
  forgotten.addEventListener("abort", stop);
  let response;
  let text;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "image/png", Accept: "application/json" },
      body,
      signal: waiting.signal,
    });
    text = await response.text();
  } catch (error) {
    throw new Unreachable(error.message);
  } finally {
    clearTimeout(timer);
  }
  if (PASSING.has(response.status)) throw new Unreachable(response.statusText);
  const content = parsed(text);
  if (response.ok && content) return content;
  throw new Refusal(content?.detail ?? `The server gave no answer (status ${response.status}).`);
}

/** The JSON in `text`, or null where it holds something else, such as a proxy's page. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
