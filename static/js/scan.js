/** Turn any picture that the browser can show into a scan: a PNG on a sheet. */

import { toBlob } from "./picture.js";
import { SQUARE, WIDE } from "./sheet.js";

const MAX_SIDE = 1_200; // pixels: enough to read, and quick to post
const WIDE_RATIO = 1.4; // width over height from which a picture gets the wide sheet

/** Not a picture that this browser can show. */
export class NoPicture extends Error {}

/**
 * @param {string} url of a picture: a `data:` URL
 * @returns {Promise<import("./sheet.js").Sheet>}
 */
export async function scannedUrl(url) {
  const image = await loaded(url);
  const scale = Math.min(MAX_SIDE / Math.max(image.naturalWidth, image.naturalHeight), 1);
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(Math.round(image.naturalWidth * scale), 1);
  canvas.height = Math.max(Math.round(image.naturalHeight * scale), 1);
  // The browser has turned the image as its file says.
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return toSheet(canvas, canvas.toDataURL("image/png"));
}

/**
 * @param {Blob} file
 * @returns {Promise<import("./sheet.js").Sheet>}
 */
export async function scannedFile(file) {
  return scannedUrl(await dataUrl(file));
}

/** Return the sheet of an earlier scan, given the scan's `url`. */
export async function rescanned(url) {
  return toSheet(await loaded(url), url);
}

function toSheet(image, url) {
  const { width, height } = image;
  const scan = { image, url, width, height, png: toBlob(url) };
  return { width: width / height >= WIDE_RATIO ? WIDE : SQUARE, strokes: [], scan };
}

async function loaded(url) {
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
  } catch {
    throw new NoPicture("This browser cannot open that as a picture. JPEG and PNG always work.");
  }
  return image;
}

function dataUrl(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result));
    reader.addEventListener("error", () => reject(new NoPicture("That file cannot be read.")));
    reader.readAsDataURL(file);
  });
}
