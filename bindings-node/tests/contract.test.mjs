// The conformance vectors through Node; see tests/contract/README.md. The same run through Rust, the command line and Java.

import { CONTRACT, DATA, folder, noAddon } from "./support/setup.mjs";

import assert from "node:assert/strict";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { FewlabelError, run } from "../index.mjs";
import { readLabels } from "./support/tiff.mjs";

const FILES = ["errors.json", "describe.json", "evaluate.json", "segment.json", "classify.json", "export.json"];
const ARRAYS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f32: Float32Array };

let number = 0;
for (const file of FILES) {
  const vectors = JSON.parse(fs.readFileSync(path.join(CONTRACT, file), "utf8"));
  assert.ok(vectors.length > 0, file);
  for (const vector of vectors) {
    const output = folder(`vector ${(number += 1)}`);
    test(`${file}: ${vector.name}`, { skip: noAddon }, async () => {
      const buffers = (vector.buffers ?? []).map(({ type, values }) => ARRAYS[type].from(values.split(" "), Number));
      assert.deepEqual(await outcome(request(vector.request, output), buffers, vector.expect), vector.expect);
    });
  }
}

/** The text of the request, with the places that it names filled in. A request may be text that is no JSON. */
function request(value, output) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const places = { data: DATA, contract: CONTRACT, output };
  // As it stands inside a JSON string.
  return text.replace(/\{(data|contract|output)\}/g, (_, place) => JSON.stringify(places[place]).slice(1, -1));
}

/** What came out in the form of the vectors. Of an error only what is stable; its field where one is expected. */
async function outcome(text, buffers, expect) {
  let answer;
  try {
    answer = await run(text, { buffers });
  } catch (error) {
    assert.ok(error instanceof FewlabelError, error);
    assert.notEqual(error.code, "internal", error);
    const field = expect.error && "field" in expect.error ? { field: error.context.field ?? null } : {};
    return { error: { ...field, kind: error.code } };
  }
  const shown = { response: answer.canonical };
  const images = answer.response.entry === "segment" ? answer.response.result.images : [];
  const labels = images.flatMap((image) => {
    if (image.labels) return [hash(readLabels(image.labels))];
    return image.buffer === undefined ? [] : [hash(answer.buffers[image.buffer])];
  });
  return labels.length > 0 ? { labels, ...shown } : shown;
}

/** SHA-256 of labels as 32-bit numbers, little-endian. */
function hash(labels) {
  assert.ok(labels instanceof Uint32Array);
  const bytes = Buffer.alloc(labels.length * 4);
  labels.forEach((label, i) => bytes.writeUInt32LE(label, i * 4));
  return crypto.createHash("sha256").update(bytes).digest("hex");
}
