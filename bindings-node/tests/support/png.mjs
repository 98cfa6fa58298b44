// Reads the sample images: PNG of 8 or 16 bits, grey or red, green and blue, not interlaced.

import fs from "node:fs";
import zlib from "node:zlib";

/** Its samples in order `c y x`, as a segment request takes them. */
export function readPng(file) {
  const bytes = fs.readFileSync(file);
  const parts = [];
  let header;
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString("latin1", at + 4, at + 8);
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (type === "IHDR") header = { x: body.readUInt32BE(0), y: body.readUInt32BE(4), bits: body[8], colour: body[9], interlaced: body[12] };
    if (type === "IDAT") parts.push(body);
    at += 12 + length;
  }
  const { x, y, bits, colour, interlaced } = header;
  if (![8, 16].includes(bits) || ![0, 2].includes(colour) || interlaced) throw new Error(`${file} is a PNG of another kind`);
  const c = colour === 2 ? 3 : 1;
  const rows = unfilter(zlib.inflateSync(Buffer.concat(parts)), y, (x * c * bits) / 8, (c * bits) / 8);
  const data = bits === 8 ? new Uint8Array(c * y * x) : new Uint16Array(c * y * x);
  for (let i = 0; i < y * x; i++) {
    for (let channel = 0; channel < c; channel++) {
      const sample = i * c + channel;
      data[channel * y * x + i] = bits === 8 ? rows[sample] : rows.readUInt16BE(sample * 2);
    }
  }
  return { data, shape: { c, y, x }, rgb: c === 3 };
}

/** Undoes the filter of each row (PNG 1.2, section 6); `step` is the distance in bytes to the pixel on the left. */
function unfilter(raw, height, width, step) {
  const rows = Buffer.alloc(height * width);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (width + 1)];
    for (let x = 0; x < width; x++) {
      const left = x >= step ? rows[y * width + x - step] : 0;
      const up = y > 0 ? rows[(y - 1) * width + x] : 0;
      const corner = x >= step && y > 0 ? rows[(y - 1) * width + x - step] : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      rows[y * width + x] = raw[y * (width + 1) + 1 + x] + guess;
    }
  }
  return rows;
}

function paeth(left, up, corner) {
  const guess = left + up - corner;
  const distances = [left, up, corner].map((value) => Math.abs(guess - value));
  return [left, up, corner][distances.indexOf(Math.min(...distances))];
}
