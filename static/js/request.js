/** Asks the server, and tells what asking again would change from what it would not. */

const TIMEOUT = 5_000; // milliseconds for one answer
const SLOWEST = 25; // bytes a millisecond: a photograph may take longer on its way
const BUSY = new Set([429, 503]); // statuses that say "later" rather than "no"
const GONE = new Set([502, 504]); // a proxy's, which cannot reach the server either
const LONGEST_WAIT = 60; // seconds: a proxy may ask for an hour, but nobody looks on for so long

/** Nothing came back, or a "later": worth asking again, but not before `wait` milliseconds. */
export class Unreachable extends Error {
  constructor(why = "The server is out of reach", wait = 0) {
    super(why);
    this.wait = wait;
  }
}

/** A "no" that asking again will not change. */
export class Refusal extends Error {}

/**
 * @param {string} url
 * @param {Blob} png
 * @param {AbortSignal} signal ends the waiting: nobody wants the answer any more
 * @returns {Promise<object>} what the server answered
 */
export function post(url, png, signal) {
  return ask(url, { method: "POST", headers: { "Content-Type": "image/png" }, body: png }, signal);
}

/**
 * @param {string} url
 * @param {AbortSignal} signal ends the waiting: nobody wants the answer any more
 * @returns {Promise<object>} what the server answered
 */
export function get(url, signal) {
  return ask(url, {}, signal);
}

async function ask(url, request, signal) {
  const waiting = new AbortController();
  const stop = () => waiting.abort();
  const timer = setTimeout(stop, TIMEOUT + (request.body?.size ?? 0) / SLOWEST);
  signal.addEventListener("abort", stop);
  let response;
  let text;
  try {
    response = await fetch(url, {
      ...request,
      headers: { Accept: "application/json", ...request.headers },
      signal: waiting.signal,
    });
    text = await response.text();
  } catch {
    throw new Unreachable();
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
  if (GONE.has(response.status)) throw new Unreachable();
  if (BUSY.has(response.status)) throw new Unreachable("The server is busy", wait(response));
  const content = parsed(text);
  if (response.ok && content) return content;
  throw new Refusal(content?.detail ?? `The server gave no answer (status ${response.status}).`);
}

/** How long the server asks to be left alone, in milliseconds; 0 where it does not say. */
function wait(response) {
  const seconds = Number(response.headers.get("Retry-After")); // NaN where it is a date
  return 1000 * Math.min(Math.max(seconds || 0, 0), LONGEST_WAIT);
}

/** The JSON in `text`, or null where it holds something else, such as a proxy's page. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
