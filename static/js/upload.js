/** Accept pictures: chosen, photographed, dropped anywhere on the page, or pasted. */

import { NoPicture, scannedFile, scannedUrl } from "./scan.js";

const NOT_FETCHED =
  "This page cannot fetch pictures from other places. Save the picture, then choose its file.";

/**
 * @param {(sheet: import("./sheet.js").Sheet) => void} accept
 * @param {(words: string) => void} tell
 */
export function acceptPictures(accept, tell) {
  for (const name of ["upload", "photo"]) {
    const input = document.getElementById(`${name}-file`);
    document.getElementById(name).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      if (input.files.length > 0) show(scannedFile(input.files[0]));
      input.value = ""; // so that choosing the same file again is a change
    });
  }
  document.addEventListener("paste", (event) => {
    if (!document.querySelector("dialog[open]")) receive(event.clipboardData);
  });
  let isOwn = false; // whether something of this page is being dragged
  document.addEventListener("dragstart", () => (isOwn = true));
  document.addEventListener("dragend", () => (isOwn = false));
  document.addEventListener("dragover", (event) => {
    if (isOwn) return;
    event.preventDefault(); // so that the browser does not open the file
    document.body.classList.add("is-dropping");
  });
  document.addEventListener("dragleave", (event) => {
    // Without a related target, the pointer has left the window.
    if (event.relatedTarget === null) document.body.classList.remove("is-dropping");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("is-dropping");
    receive(event.dataTransfer);
  });

  /** Show the file, or the picture that the HTML or the text stands for. */
  function receive(data) {
    const [file] = data.files;
    const url = pictureUrl(data);
    if (file) show(scannedFile(file));
    else if (url === null) tell("No picture found. Copy the picture itself, or choose its file.");
    else if (url.startsWith("data:")) show(scannedUrl(url));
    else tell(NOT_FETCHED);
  }

  /** The newest picture, however long an earlier one takes. */
  let newest = null;

  async function show(picture) {
    newest = picture;
    try {
      const sheet = await picture;
      if (picture === newest) accept(sheet);
    } catch (error) {
      if (!(error instanceof NoPicture)) throw error;
      tell(error.message);
    }
  }
}

/** Return the address of the picture in what was pasted or dropped; null if there is none. */
function pictureUrl(data) {
  // Not DOMParser, which reports inline styles as violations of the page's policy.
  const tags = data.getData("text/html").matchAll(/<img\b[^>]*?\ssrc\s*=\s*["']?([^"'\s>]+)/gi);
  const text = (data.getData("text/uri-list") || data.getData("text/plain")).trim();
  const urls = [...tags].map(([, url]) => url);
  if (/^(data:image\/|https?:)\S+$/.test(text)) urls.push(text);
  return urls.find((url) => url.startsWith("data:")) ?? urls[0] ?? null;
}
