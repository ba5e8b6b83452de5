/**
 * Where the visitor was reading outlives a reload, and the way to another page and back. The
 * browser's own memory does not do: at first the chapters are empty, and the page is short.
 */

const KEPT = "place";
const HELD_FOR = 4_000; // milliseconds: so long may chapters take to be filled
const RETURNS = new Set(["reload", "back_forward"]); // kinds of navigation

const chapters = document.getElementById("chapters");

export function keepPlace() {
  history.scrollRestoration = "manual";
  const [navigation] = performance.getEntriesByType("navigation");
  const kept = RETURNS.has(navigation?.type) ? recall() : null;
  if (kept !== null) hold(kept);
  addEventListener("pagehide", () => keep(place()));
}

/** The chapter at the top of the window, if any, and where its top lies; else that of the page. */
function place() {
  const tops = isEmpty() ? [] : [...chapters.children].map(({ id }) => ({ id, top: topOf(id) }));
  return tops.findLast(({ top }) => top <= 0) ?? { id: null, top: -scrollY };
}

/** Stays at the place while what is above and below it is filled, until the visitor moves on. */
function hold({ id, top }) {
  const filling = new ResizeObserver(() => {
    if (id === null) scrollTo(0, -top);
    else if (!isEmpty()) scrollBy(0, topOf(id) - top);
  });
  const letGo = () => filling.disconnect();
  for (const move of ["wheel", "touchstart", "pointerdown", "keydown"]) {
    addEventListener(move, letGo, { once: true, passive: true });
  }
  setTimeout(letGo, HELD_FOR);
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
    return JSON.parse(sessionStorage.getItem(KEPT));
  } catch {
    return null; // there is no memory, or it has been tampered with
  }
}

function keep(where) {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(where));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error; // there is no memory
  }
}
