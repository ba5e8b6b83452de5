/** Keep the sheet across a reload, in this tab's session storage and nowhere else. */

import { decode, encode } from "./codec.js";
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
    // No storage, or too little for this picture: a reload then starts with an empty sheet.
    if (!(error instanceof DOMException)) throw error;
  }
}

/** @returns {Promise<import("./sheet.js").Sheet | null>} the sheet remembered last */
export async function remembered() {
  try {
    const scan = sessionStorage.getItem(SCAN);
    return scan === null ? decode(sessionStorage.getItem(STROKES) ?? "") : await rescanned(scan);
  } catch (error) {
    // No storage, or somebody has tampered with it.
    if (!(error instanceof DOMException) && !(error instanceof NoPicture)) throw error;
    return null;
  }
}
