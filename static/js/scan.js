/** Files from elsewhere -> a scan: whatever picture the browser can show, as a PNG. */

import { toBlob } from "./picture.js";
import { SQUARE, WIDE } from "./sheet.js";

const LONGEST = 1_200; // pixels: so posting it takes no longer than it must
const WIDE_FROM = 1.4; // width over height, from which on a picture gets the wide sheet

/** What was given is no picture, as far as this browser knows. */
export class NoPicture extends Error {}

/**
 * @param {Blob} file
 * @returns {Promise<import("./sheet.js").Sheet>}
 */
export async function scanned(file) {
  const image = await shown(await dataUrl(file));
  const scale = Math.min(LONGEST / Math.max(image.naturalWidth, image.naturalHeight), 1);
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(Math.round(image.naturalWidth * scale), 1);
  canvas.height = Math.max(Math.round(image.naturalHeight * scale), 1);
  // The image is the way up that its file says.
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return toSheet(canvas, canvas.toDataURL("image/png"));
}

/** The sheet that an earlier scan's `url` keeps. */
export async function rescanned(url) {
  return toSheet(await shown(url), url);
}

function toSheet(image, url) {
  const { width, height } = image;
  const scan = { image, url, width, height, png: toBlob(url) };
  return { width: width / height >= WIDE_FROM ? WIDE : SQUARE, strokes: [], scan };
}

async function shown(url) {
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
  } catch {
    throw new NoPicture("This browser cannot open that file as a picture. JPEG and PNG always work.");
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
