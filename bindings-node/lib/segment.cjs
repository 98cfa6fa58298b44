"use strict";

const { start } = require("./entries.cjs");
const { FewlabelError, invalid } = require("./error.cjs");
const { fromCore } = require("./names.cjs");

/** Types of numbers that pixels may have, by the name of the typed array. */
const PIXEL_TYPES = { Uint8Array: "u8", Uint8ClampedArray: "u8", Uint16Array: "u16", Uint32Array: "u32", Float32Array: "f32" };

/** Segments an image in memory, or images in files. */
async function segment(args, options) {
  if (args?.image === undefined) return start("segment", () => ({ args }), options).done;
  const write = () => {
    const { image, ...rest } = args;
    if (rest.images !== undefined) {
      throw invalid("segment: image and images cannot both be given", "image", "give image for pixels in memory, images for files");
    }
    const { data, ...about } = reference(image ?? {});
    return { args: { ...rest, images: [about] }, buffers: [data] };
  };
  return start("segment", write, options, (result, buffers) => withLabels(result, buffers, extent(args))).done;
}

/** The image as a request has it, and its pixels. */
function reference({ data, shape, pixelSize, ...rest }) {
  const array = data?.[Symbol.toStringTag];
  if (!Object.hasOwn(PIXEL_TYPES, array ?? "")) {
    const hint = "give a Uint8Array, Uint16Array, Uint32Array or Float32Array; for a file give images and output";
    throw invalid(`segment: pixels cannot be of this type: ${array ?? typeof data}`, "image.data", hint);
  }
  const { x, y, unit, ...others } = pixelSize ?? {};
  if (Object.keys(others).length > 0) {
    throw invalid("segment: there is no such size of a pixel", `image.pixelSize.${Object.keys(others)[0]}`, "give y, x and unit");
  }
  if (x !== y) {
    throw new FewlabelError({
      kind: "unsupported",
      line: `segment: pixels that are not square cannot be handled yet (x: ${x}, y: ${y})`,
      hint: "resample the image to square pixels",
      context: [["field", "image.pixelSize"]],
    });
  }
  return { data, buffer: 0, ...shape, type: PIXEL_TYPES[array], pixelSize: x, unit, ...rest };
}

/** Extent of the labels: that of the image, or of the rectangle of it. */
function extent({ image, region }) {
  const { x, y } = image.shape;
  return { ...image.shape, y: region?.height ?? y, x: region?.width ?? x };
}

/** The result of one image in memory. Labels have no channels: one number a pixel, in order `t z y x`. */
function withLabels(result, buffers, { t = 1, z = 1, y, x }) {
  const { images, ...rest } = fromCore(result);
  const { name, status, objects, labels: file, buffer, seconds } = images[0];
  return { name, status, labels: buffers[buffer], shape: { t, z, y, x }, objects, ...(file && { file }), seconds, ...rest };
}

module.exports = { segment };
