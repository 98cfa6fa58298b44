// Learners that misbehave: each ends as an error, and the process lives on.

import { folder, noAddon, noUnix } from "./support/setup.mjs";

import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";

import { configure, describe, FewlabelError, pretrain, train, version } from "../index.mjs";

const args = (learner) => ({ images: ["a.png"], labels: ["b.png"], save: folder("model.zip"), steps: 1, learner });

/** A learner that says hello, and then does what the lines of a shell script do. */
function learner(name, ...lines) {
  const hello = JSON.stringify({ hello: { contract: 1, version, torch: "2.11.0", devices: ["cpu"] } });
  fs.writeFileSync(folder(name), ["#!/bin/sh", `echo '${hello}'`, "read request", ...lines, ""].join("\n"), { mode: 0o755 });
  return folder(name);
}

async function failure(job) {
  const error = await job.done.then(assert.fail, (error) => error);
  assert.ok(error instanceof FewlabelError, error);
  assert.equal(error.name, "FewlabelError");
  assert.ok(error.hint, error);
  assert.equal((await describe()).version, version);
  return error;
}

test("a configured learner that dies before it says hello", { skip: noAddon || noUnix }, async () => {
  configure({ learner: "/bin/false" });
  const error = await failure(train(args()));
  assert.equal(error.code, "learner-missing");
  assert.match(error.message, /cannot start.*exit code 1/);
  // From the first job on, what is configured stays.
  assert.throws(() => configure({ learner: "/bin/true" }), { code: "invalid-request", context: { field: "learner" } });
});

test("a learner that is killed in the middle of its work", { skip: noAddon || noUnix }, async () => {
  const error = await failure(train(args(learner("killed", "echo 'out of luck' >&2", "kill -9 $$"))));
  assert.equal(error.code, "learner-lost");
  assert.match(error.message, /ended by signal 9.*out of luck/);
});

test("a learner that is not there", { skip: noAddon }, async () => {
  const error = await failure(train(args(folder("nobody"))));
  assert.deepEqual([error.code, error.context.file], ["learner-missing", folder("nobody")]);
});

test("events arrive in order and all before the end", { skip: noAddon || noUnix }, async () => {
  const progress = (step) => JSON.stringify({ event: "progress", phase: "training", step, total: 100, metrics: { training_error: step } });
  const ended = JSON.stringify({ event: "ended", status: "failed", error: { kind: "too-few-labels", operation: "train", message: "none" } });
  const lines = Array.from({ length: 100 }, (_, step) => `echo '${progress(step)}'`);
  const job = train(args(learner("talker", ...lines, `echo '${ended}'`)));
  const steps = [];
  await assert.rejects(async () => {
    for await (const event of job) if (event.event === "progress") steps.push([event.step, event.metrics.trainingError]);
  }, { code: "too-few-labels", message: "train: none", hint: undefined });
  assert.deepEqual(steps, Array.from({ length: 100 }, (_, step) => [step, step]));
});

test("pretraining takes the same way", { skip: noAddon || noUnix }, async () => {
  const wrong = { images: ["a.png"], save: folder("start.zip"), batch: 1 };
  await assert.rejects(pretrain(wrong).done, (error) => error.code === "invalid-request" && error.context.field === "batch");
  const result = { model: "m.zip", sha256: "0", steps: 1, images: 1, left_out: 2, restoration_error: 0.5, retrieval_accuracy: null };
  const ended = JSON.stringify({ event: "ended", status: "done", response: { entry: "pretrain", result } });
  const program = learner("pretrainer", "echo \"$request\" > \"$0.json\"", `echo '${ended}'`);
  const job = pretrain({ images: ["a.png"], save: folder("start.zip"), method: "mae", maskRatio: 0.5, learner: program });
  const { leftOut, restorationError } = await job.done;
  assert.deepEqual([leftOut, restorationError], [2, 0.5]);
  const { request } = JSON.parse(fs.readFileSync(`${program}.json`, "utf8"));
  assert.deepEqual([request.entry, request.args.method, request.args.mask_ratio], ["pretrain", "mae", 0.5]);
});
