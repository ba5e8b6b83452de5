/**
 * Keep the scroll position across a reload, and on the way to another page and back. The browser's
 * own restoration fails here: at first the chapters are empty, and the page is short.
 */

const KEY = "place";
const HOLD_FOR = 4_000; // milliseconds that the chapters may take to be filled
const RETURNS = new Set(["reload", "back_forward"]); // kinds of navigation

const chapters = document.getElementById("chapters");

export function keepScrollPosition() {
  history.scrollRestoration = "manual";
  const [navigation] = performance.getEntriesByType("navigation");
  const kept = RETURNS.has(navigation?.type) ? recall() : null;
  if (kept !== null) hold(kept);
  addEventListener("pagehide", () => keep(place()));
}

/** Return the chapter at the top of the window, and where its top is; else the page's top. */
function place() {
  const tops = isEmpty() ? [] : [...chapters.children].map(({ id }) => ({ id, top: topOf(id) }));
  return tops.findLast(({ top }) => top <= 0) ?? { id: null, top: -scrollY };
}

/** Stay at the place while the chapters are filled, until the visitor moves on. */
function hold({ id, top }) {
  const filling = new ResizeObserver(() => {
    if (id === null) scrollTo(0, -top);
    else if (!isEmpty()) scrollBy(0, topOf(id) - top);
  });
  const letGo = () => filling.disconnect();
  for (const move of ["wheel", "touchstart", "pointerdown", "keydown"]) {
    addEventListener(move, letGo, { once: true, passive: true });
  }
  setTimeout(letGo, HOLD_FOR);
  filling.observe(document.body);
}

function isEmpty() {
  return chapters.offsetHeight === 0;
}

function topOf(id) {
  return document.getElementById(id).getBoundingClientRect().top;
}

function recall() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null; // no storage, or somebody has tampered with it
  }
}

function keep(where) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(where));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error; // no storage
  }
}
