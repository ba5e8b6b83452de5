/** A drawing as a link: its strokes stand in the address's fragment, which browsers send to nobody. */

import { decode, encode } from "./code.js";
import { isEmpty } from "./sheet.js";

const PREFIX = "#draw=";
const LONGEST = 6_000; // characters: longer links break in mails and messages

const button = document.getElementById("share");
const dialog = document.getElementById("link");
const field = document.getElementById("link-text");

/** Why `sheet` cannot be shared, or null. */
function obstacle(sheet) {
  if (isEmpty(sheet)) return "Draw something first; then you can share it as a link.";
  if (sheet.scan) return "A picture does not fit into a link. What you draw here does.";
  if (linkTo(sheet).length > LONGEST) return "There is too much ink in this drawing for a link.";
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
    // With a mouse, a link that can be pasted serves better than the system's own dialog.
    if (navigator.share && matchMedia("(pointer: coarse)").matches) {
      navigator.share({ title: document.title, url }).catch((error) => {
        if (error.name !== "AbortError") show(url); // the visitor has thought better of it
      });
      return;
    }
    try {
      await navigator.clipboard.writeText(url);
      tell("The link is copied. The drawing is in the link itself.");
    } catch {
      show(url); // not allowed, or no secure connection: then by hand
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
 * Reads the drawing in the page's own address.
 * @param {(words: string) => void} tell
 * @returns {import("./sheet.js").Sheet | null}
 */
export function shared(tell) {
  const { hash } = location;
  if (hash.length < 2 || document.getElementById(hash.slice(1))) return null; // a part of the page
  const sheet = hash.startsWith(PREFIX) ? decode(hash.slice(PREFIX.length)) : null;
  if (sheet === null) {
    dropFragment();
    tell("This link holds no drawing that can be read. It may have been cut off on its way.");
  }
  return sheet;
}

/** The drawing is no longer the one in the address. */
export function forgetLink() {
  if (location.hash.startsWith(PREFIX)) dropFragment();
}

function dropFragment() {
  history.replaceState(null, "", location.pathname + location.search);
}
