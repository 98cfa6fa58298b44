// Reads the label images that Fewlabel writes: uncompressed TIFF of 16-bit numbers or 32-bit floats, one channel.

import fs from "node:fs";

const WIDTH = 256;
const BITS = 258;
const COMPRESSION = 259;
const OFFSETS = 273;
const COUNTS = 279;

/** The labels of all pages, one behind the other. */
export function readLabels(file) {
  const bytes = fs.readFileSync(file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const little = bytes.toString("latin1", 0, 2) === "II";
  const labels = [];
  for (let at = view.getUint32(4, little); at !== 0; ) {
    const entries = view.getUint16(at, little);
    const tags = new Map();
    for (let entry = at + 2; entry < at + 2 + entries * 12; entry += 12) {
      tags.set(view.getUint16(entry, little), values(view, entry, little));
    }
    if (tags.get(COMPRESSION)?.[0] !== 1 || !tags.has(WIDTH)) throw new Error(`${file} is a TIFF of another kind`);
    const bits = tags.get(BITS)[0];
    tags.get(OFFSETS).forEach((offset, strip) => {
      for (let i = offset; i < offset + tags.get(COUNTS)[strip]; i += bits / 8) {
        labels.push(bits === 16 ? view.getUint16(i, little) : view.getFloat32(i, little));
      }
    });
    at = view.getUint32(at + 2 + entries * 12, little);
  }
  return Uint32Array.from(labels);
}

/** The whole numbers of a tag, which stand in the entry itself where they fit into four bytes. */
function values(view, entry, little) {
  const type = view.getUint16(entry + 2, little);
  const count = view.getUint32(entry + 4, little);
  const size = { 3: 2, 4: 4 }[type];
  if (size === undefined) return [];
  const start = count * size <= 4 ? entry + 8 : view.getUint32(entry + 8, little);
  return Array.from({ length: count }, (_, i) =>
    size === 2 ? view.getUint16(start + i * 2, little) : view.getUint32(start + i * 4, little),
  );
}
