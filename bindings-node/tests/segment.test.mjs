// Real images through segment: the same pixels as the command line, from files and from memory.

import { CONTRACT, DATA, folder, noAddon, noCommandLine, program } from "./support/setup.mjs";

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { getEventListeners } from "node:events";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { describe, evaluate, FewlabelError, segment } from "../index.mjs";
import { readPng } from "./support/png.mjs";
import { readLabels } from "./support/tiff.mjs";

const TINY = path.join(CONTRACT, "tiny.zip");
const NUCLEI = path.join(DATA, "bbbc039", "images", "C02_s4.png");
const GREY = path.join(DATA, "fluorescence", "images", "b3a9f4c9035a0df7e033b18c63bfb0f0d87ff5a4d9aa8bdf417159bb733abb80.png");
const COLOUR = path.join(DATA, "histology", "images", "00ae65c1c6631ae6f2be1a449902976e6eb8483bf6b0740d00530220832c6d3e.png");

const cases = [
  ["16-bit nuclei by a model", TINY, NUCLEI],
  ["8-bit nuclei by a model", TINY, GREY],
  ["colour tissue by the baseline", "otsu", COLOUR],
];
cases.forEach(([what, model, file], number) => {
  test(`${what}: the pixels of the command line`, { skip: noCommandLine }, async () => {
    const theirs = folder(`command line ${number}`);
    execFileSync(program("fewlabel"), ["segment", "--model", model, file, "--output", theirs], { stdio: ["ignore", "ignore", "inherit"] });
    const ours = folder(`node ${number}`);
    const result = await segment({ model, images: [file], output: ours });

    const name = `${path.basename(file, ".png")}.labels.tif`;
    assert.equal(result.images[0].labels, path.join(ours, name));
    assert.deepEqual(fs.readFileSync(path.join(ours, name)), fs.readFileSync(path.join(theirs, name)));

    const image = readPng(file);
    const seen = [];
    const { labels, shape, objects } = await segment({ model, image }, { onProgress: (progress) => seen.push(progress) });
    assert.deepEqual(labels, readLabels(path.join(theirs, name)));
    assert.deepEqual(shape, { t: 1, z: 1, y: image.shape.y, x: image.shape.x });
    assert.equal(objects, result.images[0].objects);
    assert.equal(objects, new Set(labels).size - 1);
    assert.ok(objects > 5, `${objects} objects`);
    assert.equal(seen.at(-1).step, 1);
    assert.ok(seen.every(({ event, phase, total }) => event === "progress" && phase === "segmenting" && total === 1));
  });
});

/** Two bright rectangles, that of a conformance vector. */
const rectangles = () => ({
  data: Uint8Array.from("000000 099000 099000 000000 000999 000999".replaceAll(" ", ""), Number),
  shape: { y: 6, x: 6 },
});
const LABELS = Uint32Array.from("000000 011000 011000 000000 000222 000222".replaceAll(" ", ""), Number);

test("a rectangle gives that part of the labels", { skip: noAddon }, async () => {
  const region = { x: 2, y: 1, width: 3, height: 5 };
  const { labels, shape, objects } = await segment({ model: "otsu", image: rectangles(), region });
  assert.deepEqual(labels, Uint32Array.from("100 100 000 022 022".replaceAll(" ", ""), Number));
  assert.deepEqual([shape, objects], [{ t: 1, z: 1, y: 5, x: 3 }, 2]);
  const outside = { x: 4, y: 1, width: 3, height: 5 };
  await assert.rejects(segment({ model: "otsu", image: rectangles(), region: outside }), { code: "invalid-request" });
});

test("a channel is chosen by its number", { skip: noAddon }, async () => {
  const { data } = rectangles();
  const image = { data: Uint8Array.from([...data.map((value, pixel) => (pixel * 37) % 11), ...data]), shape: { c: 2, y: 6, x: 6 } };
  assert.deepEqual((await segment({ model: "otsu", image, channels: ["2"] })).labels, LABELS);
});

test("pixels are copied before the call returns, and the labels belong to JavaScript", { skip: noAddon }, async () => {
  const image = rectangles();
  const running = segment({ model: "otsu", image });
  image.data.fill(7);
  const first = (await running).labels;
  assert.deepEqual(first, LABELS);
  // All of its memory and nothing else, which can be moved to another thread and changed.
  assert.equal(first.buffer.byteLength, first.byteLength);
  const moved = structuredClone(first, { transfer: [first.buffer] });
  moved.fill(5);
  assert.deepEqual((await segment({ model: "otsu", image: rectangles() })).labels, LABELS);
});

test("every type of pixels, a part of a larger buffer, and shared memory", { skip: noAddon }, async () => {
  const { data, shape } = rectangles();
  const part = new Uint16Array(data.length + 6).subarray(3, 3 + data.length);
  part.set(data);
  const shared = new Float32Array(new SharedArrayBuffer(data.length * 4));
  shared.set(data);
  for (const pixels of [Buffer.from(data), Uint8ClampedArray.from(data), part, Uint32Array.from(data), shared]) {
    assert.deepEqual((await segment({ model: "otsu", image: { data: pixels, shape } })).labels, LABELS);
  }
});

test("a stack of frames and a calibrated image", { skip: noAddon }, async () => {
  const { data, shape } = rectangles();
  const twice = Uint8Array.from([...data, ...data]);
  const image = { data: twice, shape: { t: 2, ...shape }, pixelSize: { y: 0.2, x: 0.2, unit: "µm" }, name: "film" };
  const output = folder("film");
  const result = await segment({ model: "otsu", image, output });
  assert.deepEqual(result.shape, { t: 2, z: 1, y: 6, x: 6 });
  assert.deepEqual([result.name, result.file, result.labels.length], ["film", path.join(output, "film.labels.tif"), 72]);
  assert.match((await describe({ path: result.file })).image, /2 t, 6 x 6, .*0\.2 µm/);
});

test("what cannot be an image is refused by name", { skip: noAddon }, async () => {
  const image = rectangles();
  const cases = [
    [{ image: { ...image, data: [1, 2, 3] } }, "image.data", /object|Array/],
    [{ image: { ...image, data: new Float64Array(36) } }, "image.data", /Float64Array/],
    [{ image, images: ["a.tif"], output: "out" }, "image", /both/],
    [{ image: { ...image, pixelSize: { y: 1, x: 1, z: 2 } } }, "image.pixelSize.z", /size of a pixel/],
    [{ image: { ...image, shape: { y: 6, x: 5 } } }, "images", /fill its shape/],
    [{ image, tile: NaN }, "tile", /finite/],
    [{ image, tile: 1n }, "tile", /bigint/],
    [{ image, tiles: 3 }, "tiles", /unknown field/],
    [{ image, objectDiameter: -1 }, "object_diameter", /object_diameter/],
  ];
  for (const [args, field, message] of cases) {
    const error = await segment({ model: "otsu", ...args }).then(assert.fail, (error) => error);
    assert.ok(error instanceof FewlabelError, error);
    assert.deepEqual([error.code, error.context.field], ["invalid-request", field], error);
    assert.match(error.message, message);
  }
  const oblong = segment({ model: "otsu", image: { ...image, pixelSize: { y: 1, x: 2 } } });
  await assert.rejects(oblong, { code: "unsupported", context: { field: "image.pixelSize" } });
  await assert.rejects(segment({ model: "otsu", image: null }), { code: "invalid-request" });
  await assert.rejects(segment(), { code: "invalid-request" });
});

test("an aborted signal starts nothing, and a used one keeps no listener", { skip: noAddon }, async () => {
  const output = folder("never");
  const args = { model: "otsu", images: [NUCLEI], output };
  const reason = new Error("the window was closed");
  await assert.rejects(segment(args, { signal: AbortSignal.abort(reason) }), (error) => {
    assert.deepEqual([error.name, error.code, error.cause], ["AbortError", "cancelled", reason]);
    return error instanceof FewlabelError;
  });
  assert.ok(!fs.existsSync(output));

  const { signal } = new AbortController();
  const running = segment(args, { signal });
  assert.equal(getEventListeners(signal, "abort").length, 1);
  await running;
  assert.equal(getEventListeners(signal, "abort").length, 0);
  await assert.rejects(segment({ ...args, model: "nope", existing: "overwrite" }, { signal }), { code: "not-found" });
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("what onProgress throws becomes the error", { skip: noAddon }, async () => {
  const mine = new Error("mine");
  const onProgress = () => {
    throw mine;
  };
  await assert.rejects(segment({ model: "otsu", image: rectangles() }, { onProgress }), mine);
});

test("scores in JavaScript's words", { skip: noAddon }, async () => {
  const output = folder("scored");
  await segment({ model: "otsu", images: [NUCLEI], output });
  const labels = path.join(DATA, "bbbc039", "labels", path.basename(NUCLEI));
  const result = await evaluate({ predictions: [path.join(output, "C02_s4.labels.tif")], labels: [labels], recursive: false });
  assert.equal(result.images.length, 1);
  assert.deepEqual(result.perClass, [[1, result.micro]]);
  assert.ok(result.micro.dice > 0.8 && result.objectsPooled.ap50 > 0.5, result);
  assert.deepEqual(result.objectsPooled, result.objects);
  assert.equal(typeof result.objects.ap_50_90, "number");
});
