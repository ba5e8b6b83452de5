/** Asks the server: one request at a time, the newest drawing only, again if it cannot be reached. */

import { toPng } from "./picture.js";

const TIMEOUT = 10_000; // milliseconds for one answer
const RETRY_AFTER = 1_500; // milliseconds
const PASSING = new Set([429, 502, 503, 504]); // statuses that say "later" rather than "no"

/** An answer that trying again will not change. */
class Refusal extends Error {}

export class Reader {
  #url;
  #on;
  /** @type {import("./drawing.js").Stroke[] | null} the drawing that still wants an answer */
  #wanted = null;
  #busy = false;
  #request = new AbortController();

  /**
   * @param {string} url
   * @param {{answer: (answer: object) => void, refusal: (why: string) => void,
   *   unreachable: () => void}} on
   */
  constructor(url, on) {
    this.#url = url;
    this.#on = on;
  }

  /** Wants an answer to this drawing, and no longer to the one before. */
  read(strokes) {
    this.#wanted = strokes;
    if (!this.#busy) this.#run();
  }

  /** Wants no answer any more. */
  forget() {
    this.#wanted = null;
    this.#request.abort();
  }

  async #run() {
    this.#busy = true;
    while (this.#wanted !== null) {
      const strokes = this.#wanted;
      // Whatever comes back, it counts only while the drawing is still the one it is about.
      const isWanted = () => this.#wanted === strokes;
      try {
        const answer = await this.#ask(strokes);
        if (!isWanted()) continue;
        this.#wanted = null;
        this.#on.answer(answer);
      } catch (error) {
        if (!isWanted()) continue;
        if (error instanceof Refusal) {
          this.#wanted = null;
          this.#on.refusal(error.message);
        } else {
          this.#on.unreachable();
          await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER));
        }
      }
    }
    this.#busy = false;
  }

  async #ask(strokes) {
    const body = await toPng(strokes);
    this.#request = new AbortController();
    const response = await fetch(this.#url, {
      method: "POST",
      headers: { "Content-Type": "image/png", Accept: "application/json" },
      body,
      signal: AbortSignal.any([this.#request.signal, AbortSignal.timeout(TIMEOUT)]),
    });
    if (PASSING.has(response.status)) throw new Error(response.statusText);
    const answer = await response.json();
    if (!response.ok) throw new Refusal(answer.detail);
    return answer;
  }
}
