/** Share a drawing as a link. Its strokes are in the fragment, which browsers do not send. */

import { decode, encode } from "./codec.js";
import { isEmpty } from "./sheet.js";

const PREFIX = "#draw=";
const MAX_LENGTH = 6_000; // characters: longer links break in mails and messages

const button = document.getElementById("share");
const dialog = document.getElementById("link");
const field = document.getElementById("link-text");

/** Return the reason why `sheet` cannot be shared, or null. */
function obstacle(sheet) {
  if (isEmpty(sheet)) return "Draw something first; then you can share it as a link.";
  if (sheet.scan) return "A picture does not fit into a link. A drawing made here does.";
  if (linkTo(sheet).length > MAX_LENGTH) return "This drawing has too much ink for a link.";
  return null;
}

function linkTo(sheet) {
  return location.href.split("#")[0] + PREFIX + encode(sheet);
}

/**
 * @param {import("./drawing.js").Drawing} drawing
 * @param {(words: string) => void} tell
 */
export function shareBy(drawing, tell) {
  button.addEventListener("click", async () => {
    const { sheet } = drawing;
    const why = obstacle(sheet);
    if (why !== null) {
      tell(why);
      return;
    }
    const url = linkTo(sheet);
    // With a mouse, a copied link is more useful than the system's dialog.
    if (navigator.share && matchMedia("(pointer: coarse)").matches) {
      navigator.share({ title: document.title, url }).catch((error) => {
        if (error.name !== "AbortError") show(url);
      });
      return;
    }
    try {
      await navigator.clipboard.writeText(url);
      tell("The link is copied. It contains the drawing itself.");
    } catch {
      show(url); // the clipboard needs permission and a secure connection
    }
  });
  for (const change of ["replace", "penup"]) {
    drawing.addEventListener(change, () => {
      button.ariaDisabled = isEmpty(drawing.sheet) || drawing.sheet.scan !== null;
      button.title = drawing.sheet.scan ? obstacle(drawing.sheet) : "";
    });
  }
}

function show(url) {
  field.value = url;
  dialog.showModal();
  field.select();
}

/**
 * Return the drawing in the page's address, if there is one.
 * @param {(words: string) => void} tell
 * @returns {import("./sheet.js").Sheet | null}
 */
export function shared(tell) {
  const { hash } = location;
  if (hash.length < 2 || document.getElementById(hash.slice(1))) return null;
  const sheet = hash.startsWith(PREFIX) ? decode(hash.slice(PREFIX.length)) : null;
  if (sheet === null) {
    dropFragment();
    tell("This link contains no drawing that can be read. It may have been cut off on the way.");
  }
  return sheet;
}

/** Remove the drawing from the address, because it is no longer the one on the sheet. */
export function forgetLink() {
  if (location.hash.startsWith(PREFIX)) dropFragment();
}

function dropFragment() {
  history.replaceState(null, "", location.pathname + location.search);
}
