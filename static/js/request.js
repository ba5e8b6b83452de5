/** Asks the server, and tells what asking again would change from what it would not. */

const TIMEOUT = 5_000; // milliseconds for one answer
const SLOWEST = 25; // bytes a millisecond: a photograph may take longer on its way
const PASSING = new Set([429, 502, 503, 504]); // statuses that say "later" rather than "no"

/** Nothing came back, or a "later": worth asking again. */
export class Unreachable extends Error {}

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
  } catch (error) {
    throw new Unreachable(error.message);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
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
