/** What is on the sheet outlives a reload: in the browser's memory of this tab, nowhere else. */

import { decode, encode } from "./code.js";
import { rescanned } from "./scan.js";
import { isEmpty } from "./sheet.js";

const STROKES = "strokes";
const SCAN = "scan";

/** @param {import("./sheet.js").Sheet} sheet */
export function remember(sheet) {
  try {
    sessionStorage.removeItem(SCAN);
    sessionStorage.removeItem(STROKES);
    if (sheet.scan) sessionStorage.setItem(SCAN, sheet.scan.url);
    else if (!isEmpty(sheet)) sessionStorage.setItem(STROKES, encode(sheet));
  } catch (error) {
    // There is no memory, or too little for this picture: then a reload begins anew.
    if (!(error instanceof DOMException)) throw error;
  }
}

/** @returns {Promise<import("./sheet.js").Sheet | null>} what was remembered last */
export async function remembered() {
  let strokes;
  let scan;
  try {
    strokes = sessionStorage.getItem(STROKES);
    scan = sessionStorage.getItem(SCAN);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    return null; // cookies and the like are forbidden
  }
  if (scan !== null) return rescanned(scan);
  return strokes === null ? null : decode(strokes);
}
