/** What is on the sheet outlives a reload: in the browser's memory of this tab, nowhere else. */

import { decode, encode } from "./code.js";
import { NoPicture, rescanned } from "./scan.js";
import { isEmpty } from "./sheet.js";

const STROKES = "sheet-strokes";
const SCAN = "sheet-scan";

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
  try {
    const scan = sessionStorage.getItem(SCAN);
    return scan === null ? decode(sessionStorage.getItem(STROKES) ?? "") : await rescanned(scan);
  } catch (error) {
    // There is no memory, or it has been tampered with.
    if (!(error instanceof DOMException) && !(error instanceof NoPicture)) throw error;
    return null;
  }
}
