/** Ask the server, and tell errors that a retry may solve from those that it will not. */

const TIMEOUT = 5_000; // milliseconds for one answer
const MIN_SPEED = 25; // bytes a millisecond: a photograph may take longer to send
const BUSY = new Set([429, 503]); // statuses that ask for a retry
const GONE = new Set([502, 504]); // from a proxy that cannot reach the server either
const MAX_WAIT = 60; // seconds: a proxy may ask for an hour, but nobody waits so long

/** No answer yet: worth a retry after `wait` milliseconds. */
export class Unreachable extends Error {
  constructor(why = "The server is out of reach", wait = 0) {
    super(why);
    this.wait = wait;
  }
}

/** A refusal: a retry would not change it. */
export class Refusal extends Error {}

/**
 * @param {string} url
 * @param {Blob} png
 * @param {AbortSignal} signal aborts the request
 * @returns {Promise<object>} the answer
 */
export function post(url, png, signal) {
  return ask(url, { method: "POST", headers: { "Content-Type": "image/png" }, body: png }, signal);
}

/**
 * @param {string} url
 * @param {AbortSignal} signal aborts the request
 * @returns {Promise<object>} the answer
 */
export function get(url, signal) {
  return ask(url, {}, signal);
}

async function ask(url, request, signal) {
  const waiting = new AbortController();
  const stop = () => waiting.abort();
  const timer = setTimeout(stop, TIMEOUT + (request.body?.size ?? 0) / MIN_SPEED);
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

/** Return how many milliseconds the server asks to wait; 0 where it does not say. */
function wait(response) {
  const seconds = Number(response.headers.get("Retry-After")); // NaN where it is a date
  return 1000 * Math.min(Math.max(seconds || 0, 0), MAX_WAIT);
}

/** Parse JSON; return null for anything else, such as a proxy's page. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
