// Kinds of whole images, and models for other programs, through Node.

import { CONTRACT, folder, noAddon } from "./support/setup.mjs";

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { classify, evaluate, exportModel } from "../index.mjs";

const model = path.join(CONTRACT, "kinds.zip");
const images = [path.join(CONTRACT, "files", "kinds", "images")];

test("a folder is told apart and scored", { skip: noAddon }, async () => {
  const output = folder("kinds.csv");
  const steps = [];
  const result = await classify({ model, images, output, recursive: true }, { onProgress: ({ step }) => steps.push(step) });
  assert.deepEqual([result.classes, result.counts, result.failed], [["few", "many"], [2, 2], 0]);
  assert.deepEqual(result.images.map(({ file, planes }) => [file, planes[0].class]), [["few/1.png", "few"], ["few/2.png", "few"], ["many/1.png", "many"], ["many/2.png", "many"]]);
  assert.equal(steps.at(-1), 4);
  const { kinds } = await evaluate({ predictions: [output], labels: images, find: "kinds" });
  assert.deepEqual([kinds.accuracy, kinds.auc, kinds.confusion], [1, 1, [[2, 0], [0, 2]]]);
  await assert.rejects(classify({ model, images, output, recursive: true }), { code: "invalid-request", context: { field: "existing", file: output } });
});

test("a model that finds objects is refused with what it is for", { skip: noAddon }, async () => {
  const other = path.join(CONTRACT, "tiny.zip");
  await assert.rejects(classify({ model: other, images, output: folder("no.csv"), recursive: true }), { code: "unsupported", hint: "use it with segment" });
});

test("a model is exported", { skip: noAddon }, async () => {
  const output = folder("kinds.onnx");
  const { opset, verified, operators } = await exportModel({ model, as: "onnx", opset: 16, output });
  assert.deepEqual([opset, verified], [16, true]);
  assert.ok(operators.includes("GlobalAveragePool") && fs.statSync(output).size > 100);
});
