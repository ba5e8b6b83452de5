/** Ask the server to read the newest drawing: one request at a time, and again if one is lost. */

import { ofSheet } from "./picture.js";
import { Refusal, Unreachable, post } from "./request.js";

const RETRY_AFTER = 1_500; // milliseconds

export class Reader {
  #url;
  #on;
  /** @type {import("./sheet.js").Sheet | null} the drawing still to be answered */
  #wanted = null;
  #isBusy = false;
  #request = new AbortController();

  /**
   * @param {string} url
   * @param {{
   *   answer: (answer: object, picture: import("./picture.js").Picture) => void,
   *   earlier: (answer: object, milliseconds: number) => void,
   *   refusal: (why: string) => void,
   *   unreachable: (why: string) => void,
   * }} on  callbacks: `answer` is about the newest drawing; `earlier` about one that has grown since,
   *   with the time since it was posted
   */
  constructor(url, on) {
    this.#url = url;
    this.#on = on;
  }

  /** Read this drawing, which is the previous one with more ink. */
  read(sheet) {
    this.#wanted = sheet;
    if (!this.#isBusy) this.#run();
  }

  /** Ignore all answers to what has been drawn so far. */
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

  async #readOne(sheet) {
    const request = new AbortController();
    this.#request = request;
    const asked = performance.now();
    let picture;
    let answer;
    try {
      picture = await ofSheet(sheet);
      request.signal.throwIfAborted(); // post() notices only later aborts
      answer = await post(this.#url, picture.png, request.signal);
    } catch (error) {
      if (request.signal.aborted || this.#wanted === null) return;
      if (error instanceof Unreachable) {
        this.#on.unreachable(error.message);
        const wait = Math.max(error.wait, RETRY_AFTER);
        await new Promise((resolve) => setTimeout(resolve, wait));
        return;
      }
      this.#wanted = null;
      if (error instanceof Refusal) return this.#on.refusal(error.message);
      this.#on.refusal("Something went wrong in this page.");
      throw error;
    }
    if (request.signal.aborted) return;
    if (this.#wanted === sheet) {
      this.#wanted = null;
      this.#on.answer(answer, picture);
    } else {
      this.#on.earlier(answer, performance.now() - asked);
    }
  }
}
