/** Pictures come in: chosen, photographed, dropped anywhere on the page, or pasted. */

import { NoPicture, scanned } from "./scan.js";

/**
 * @param {(sheet: import("./sheet.js").Sheet) => void} take
 * @param {(words: string) => void} tell
 */
export function takeIn(take, tell) {
  for (const name of ["upload", "photo"]) {
    const input = document.getElementById(`${name}-file`);
    document.getElementById(name).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      takeFirst(input.files);
      input.value = ""; // so that choosing the same file again is a change
    });
  }
  document.addEventListener("paste", (event) => {
    if (!document.querySelector("dialog[open]")) takeFirst(event.clipboardData.files);
  });
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault(); // the browser does not open the file instead
    document.body.classList.add("is-dropping");
  });
  document.addEventListener("dragleave", (event) => {
    // Between two elements of the page, the one entered is known; beyond the window there is none.
    if (event.relatedTarget === null) document.body.classList.remove("is-dropping");
  });
  document.addEventListener("drop", (event) => {
    document.body.classList.remove("is-dropping");
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    takeFirst(event.dataTransfer.files);
  });

  /** Takes the newest picture only, however long an earlier one needs. */
  let newest = null;

  async function takeFirst([file]) {
    if (!file) return;
    newest = file;
    try {
      const sheet = await scanned(file);
      if (file === newest) take(sheet);
    } catch (error) {
      if (!(error instanceof NoPicture)) throw error;
      tell(error.message);
    }
  }
}
