/** Write a grey PNG file: see sections 5, 7 and 11 of the specification (third edition). */

const SIGNATURE = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);

/**
 * @param {ImageData} image grey and opaque: red, green and blue are equal
 * @returns {Promise<Blob>}
 */
export async function greyPng({ width, height, data }) {
  const header = new Uint8Array(13); // zeros: grey, the standard methods, not interlaced
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8; // bits per pixel
  const rows = new Uint8Array((width + 1) * height); // each begins with its filter type, 0: none
  for (let y = 0, k = 0; y < height; y += 1) {
    const start = y * (width + 1) + 1;
    for (let x = 0; x < width; x += 1, k += 4) rows[start + x] = data[k];
  }
  const chunks = [chunk("IHDR", header), chunk("IDAT", await deflate(rows)), chunk("IEND", [])];
  return new Blob([SIGNATURE, ...chunks], { type: "image/png" });
}

function chunk(kind, content) {
  const bytes = new Uint8Array(content.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set(new TextEncoder().encode(kind), 4);
  bytes.set(content, 8);
  view.setUint32(content.length + 8, crc32(bytes.subarray(4, -4)));
  return bytes;
}

function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc;
}

/** Compress in the zlib format. Not by way of a Response or a Blob, which Chromium delays. */
async function deflate(bytes) {
  const { readable, writable } = new CompressionStream("deflate");
  const writer = writable.getWriter();
  writer.write(bytes);
  writer.close();
  const reader = readable.getReader();
  let deflated = [];
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    deflated = [...deflated, ...part.value];
  }
  return deflated;
}
