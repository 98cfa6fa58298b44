// A tiny training on real images through the learner: its events, its end, and the ways to end it.

import { DATA, folder, noLearner } from "./support/setup.mjs";

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { describe, FewlabelError, segment, train } from "../index.mjs";

const SET = path.join(DATA, "fluorescence");
const tiny = (name, more) => ({
  images: [path.join(SET, "images")],
  labels: [path.join(SET, "labels")],
  order: `${path.join(SET, "split.json")}#fewlabel_order.0`,
  first: 2,
  start: "none",
  save: folder(name),
  steps: 3,
  width: 8,
  levels: 2,
  crop: 64,
  batch: 2,
  ...more,
});
/** More than anybody waits for. */
const ENDLESS = 1_000_000;
const inAStep = ({ event, metrics }) => event === "progress" && metrics?.trainingError !== undefined;

test("a training tells how it goes and leaves a model", { skip: noLearner }, async () => {
  const args = tiny("model.zip");
  const job = train(args);
  assert.ok(job.id > 0);
  assert.notEqual(job.status, "ended");
  const events = [];
  for await (const event of job) events.push(event);
  assert.equal(job.status, "ended");

  const result = await job.done;
  assert.deepEqual([result.model, result.steps, result.labelledImages, result.finishedEarly], [args.save, 3, 2, false]);
  assert.ok(result.scores.ap50 >= 0 && result.labelledObjects > 0);
  // Not every step tells: the learner is sparing with progress.
  const steps = events.filter(inAStep);
  assert.ok(steps.length > 1 && steps.every(({ step, total }, i) => total === 3 && step >= (steps[i - 1]?.step ?? 1)));
  assert.equal(steps.at(-1).step, 3);
  assert.ok(events.some(({ event, level }) => event === "log" && level === "info"));
  const artifact = events.find(({ event, path }) => event === "artifact" && path === args.save);
  assert.equal(artifact.sha256, result.sha256);

  const { model } = await describe({ path: args.save });
  assert.deepEqual([model.find, model.channels.length, model.trainable], ["objects", 1, true]);
  const data = Uint8Array.from({ length: 64 * 64 }, (_, i) => i);
  const { labels } = await segment({ model: args.save, image: { data, shape: { y: 64, x: 64 } } });
  assert.equal(labels.length, data.length);
});

test("finishEarly keeps the best so far", { skip: noLearner }, async () => {
  const args = tiny("early.zip", { steps: ENDLESS });
  const job = train(args);
  for await (const event of job) if (inAStep(event)) job.finishEarly();
  const result = await job.done;
  assert.equal(result.finishedEarly, true);
  assert.ok(result.steps >= 1 && result.steps < ENDLESS);
  assert.ok(fs.existsSync(args.save));
});

test("cancel ends the loop and the promise with an AbortError", { skip: noLearner }, async () => {
  const args = tiny("cancelled.zip", { steps: ENDLESS });
  const job = train(args);
  const loop = async () => {
    for await (const event of job) if (inAStep(event)) job.cancel();
  };
  await assert.rejects(loop, { name: "AbortError", code: "cancelled" });
  await assert.rejects(job.done, (error) => error.name === "AbortError" && error.cause === undefined);
  assert.equal(job.status, "ended");
  assert.ok(!fs.existsSync(args.save));
  job.cancel();
  job.finishEarly();
});

test("a signal cancels as well, and its listener goes", { skip: noLearner }, async () => {
  const controller = new AbortController();
  const job = train(tiny("aborted.zip", { steps: ENDLESS }), { signal: controller.signal });
  for await (const event of job) if (inAStep(event)) break;
  controller.abort();
  await assert.rejects(job.done, (error) => error instanceof FewlabelError && error.name === "AbortError" && error.cause === controller.signal.reason);
  assert.equal(getEventListeners(controller.signal, "abort").length, 0);
});

test("what is wrong ends the job", { skip: noLearner }, async () => {
  await assert.rejects(train(tiny("x.zip", { steps: 0 })).done, (error) => error.code === "invalid-request" && error.context.field === "steps");
  const never = train(tiny("x.zip", { seed: Infinity }));
  assert.deepEqual([never.id, never.status], [undefined, "ended"]);
  await assert.rejects(async () => {
    for await (const event of never) assert.fail(event);
  }, { code: "invalid-request", context: { field: "seed" } });
  await assert.rejects(train(tiny("x.zip"), { signal: AbortSignal.abort() }).done, { name: "AbortError" });
});
