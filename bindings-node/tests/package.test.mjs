// The package itself: what it exports, how it finds its native half, and what becomes of a panic.

import { addon, folder, noAddon } from "./support/setup.mjs";

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import test from "node:test";
import { Worker } from "node:worker_threads";
import { once } from "node:events";

import * as ours from "../index.mjs";

const require = createRequire(import.meta.url);
const required = require("../index.cjs");
const { find, folderOnDisk } = require("../lib/native.cjs");
const { fromCore, toRequest } = require("../lib/names.cjs");
const { native } = require("../lib/error.cjs");
const ROOT = path.dirname(require.resolve("../package.json"));

test("import and require give the same", () => {
  assert.deepEqual(Object.keys(ours), Object.keys(required).sort());
  for (const name of Object.keys(required)) assert.equal(ours[name], required[name]);
  assert.equal(ours.version, require("../package.json").version);
});

test("names are converted without a table", () => {
  assert.deepEqual(toRequest({ objectDiameter: 1, images: [{ pixelSize: 2 }], nothing: undefined, no: null }), {
    object_diameter: 1,
    images: [{ pixel_size: 2 }],
    no: null,
  });
  const core = { finished_early: true, ap_50_90: 1, per_class: [[1, { a_b: 0 }]], sha256: "a_b" };
  assert.deepEqual(fromCore(core), { finishedEarly: true, ap_50_90: 1, perClass: [[1, { aB: 0 }]], sha256: "a_b" });
  for (const value of [new Map(), () => 1, Symbol("a"), 1n, new Date(0), Infinity]) {
    assert.throws(() => toRequest({ some: { field: [value] } }), { code: "invalid-request", context: { field: "field[0]" } });
  }
});

test("a panic in a native is an error, and the process lives", { skip: noAddon }, async () => {
  assert.throws(() => native(() => addon().panicForTests()), (error) => {
    assert.deepEqual([error.code, error.message], ["internal", "panic for tests: provoked by a test"]);
    assert.match(error.hint, /fault of Fewlabel/);
    return error instanceof ours.FewlabelError;
  });
  assert.equal(addon().version(), ours.version);
  assert.throws(() => native(() => addon().canonical("{}")), { code: "invalid-request" });
});

test("natives refuse what is not theirs", { skip: noAddon }, async () => {
  const request = { contract: 1, entry: "describe" };
  await assert.rejects(ours.run(request, { buffers: [5] }), { code: "invalid-request", context: { field: "buffers[0]" } });
  await assert.rejects(ours.run(request, { buffers: [new Float64Array(1)] }), { code: "invalid-request" });
  await assert.rejects(ours.run(5), { code: "invalid-request" });
  await assert.rejects(ours.run({ ...request, colour: 1 }), { code: "invalid-request", context: { field: "colour" } });
  await assert.rejects(ours.describe({ path: "a", devices: true }), { code: "invalid-request" });
});

test("every event and the record of a run", { skip: noAddon }, async () => {
  const buffers = [Uint8Array.of(0, 0, 9, 9)];
  const image = { buffer: 0, type: "u8", y: 2, x: 2 };
  const output = folder("record");
  const request = { contract: 1, entry: "segment", args: { model: "otsu", images: [image], output } };
  const events = [];
  const first = await ours.run(request, { buffers, onEvent: (event) => events.push(event) });
  assert.ok(events.some(({ event, path }) => event === "artifact" && path.endsWith("image.labels.tif")));
  const record = JSON.parse(fs.readFileSync(path.join(output, "run.json"), "utf8"));
  record.request.args.existing = "overwrite";
  const again = await ours.run(JSON.stringify(record), { buffers });
  assert.equal(again.canonical, first.canonical);
  assert.deepEqual([...again.buffers[0]], [0, 0, 1, 1]);
});

test("a library that was named must be there", () => {
  const before = process.env.FEWLABEL_PROGRAMS;
  process.env.FEWLABEL_PROGRAMS = folder("empty");
  try {
    assert.throws(find, (error) => error.code === "not-found" && error.context.file.startsWith(folder("empty")) && /cargo build/.test(error.hint));
    delete process.env.FEWLABEL_PROGRAMS;
    // A copy of the package without a library for this system.
    const copy = folder("copy");
    for (const file of ["index.cjs", "package.json", "lib"]) fs.cpSync(path.join(ROOT, file), path.join(copy, file), { recursive: true });
    assert.throws(() => require(path.join(copy, "lib", "native.cjs")).find(), (error) => error.code === "not-found" && /@fewlabel\/core-/.test(error.hint));
    fs.writeFileSync(path.join(copy, "fewlabel.node"), "no library");
    assert.throws(() => require(path.join(copy, "lib", "native.cjs")).load(), { code: "unsupported" });
    const carried = path.join(copy, "fewlabel.node");
    assert.equal(require(path.join(copy, "lib", "native.cjs")).find(), carried);
  } finally {
    process.env.FEWLABEL_PROGRAMS = before;
  }
});

test("the learner is looked for where Electron unpacks it", () => {
  assert.equal(folderOnDisk("/opt/App/resources/app.asar/node_modules/core/fewlabel.node"), "/opt/App/resources/app.asar.unpacked/node_modules/core");
  assert.equal(folderOnDisk("/opt/App/resources/app.asar.unpacked/core/fewlabel.node"), "/opt/App/resources/app.asar.unpacked/core");
  assert.equal(folderOnDisk("/srv/me/basar/core/fewlabel.node"), "/srv/me/basar/core");
});

test("folders are configured before the first job, in a process of its own", { skip: noAddon }, () => {
  const models = folder("models");
  fs.mkdirSync(models);
  fs.copyFileSync(path.join(ROOT, "..", "tests", "contract", "tiny.zip"), path.join(models, "mine.zip"));
  const script = `
    const { configure, describe } = require(${JSON.stringify(path.join(ROOT, "index.cjs"))});
    configure({ modelsDir: ${JSON.stringify(models)}, cacheDir: ${JSON.stringify(folder("cache"))} });
    describe({ path: "mine" }).then(({ model }) => console.log(model.name, process.env.FEWLABEL_CACHE));`;
  assert.equal(execFileSync(process.execPath, ["-e", script], { encoding: "utf8" }), `tiny ${folder("cache")}\n`);
});

test("what cannot be configured is refused by name", async () => {
  for (const [options, field] of [[{ runtimeDir: "a" }, "runtimeDir"], [{ learner: 5 }, "learner"], [{ modelsDir: "" }, "modelsDir"]]) {
    assert.throws(() => ours.configure(options), { code: "invalid-request", context: { field } });
  }
  const script = `require(${JSON.stringify(path.join(ROOT, "index.cjs"))}).configure({ cacheDir: "a" })`;
  const [error] = await once(new Worker(script, { eval: true }), "error");
  assert.match(error.message, /whole process.*cacheDir/);
});
