// Several worker threads load the addon, and the process ends as a process should.

import { addon, CONTRACT, DATA, folder, noAddon, noUnix } from "./support/setup.mjs";

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { on, once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";

import { segment, version } from "../index.mjs";

const CORE = JSON.stringify(path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "..", "index.cjs"));
const TINY = JSON.stringify(path.join(CONTRACT, "tiny.zip"));
const IMAGES = ["C02_s4.png", "E19_s2.png"].map((name) => path.join(DATA, "bbbc039", "images", name));

const SMALL = Uint8Array.of(0, 0, 9, 0, 0, 9, 0, 0, 0);

/** A thread that segments an image from its file, and the one in memory, and sends the labels. */
const thread = (file, output) => `
  const { segment } = require(${CORE});
  const { parentPort } = require("node:worker_threads");
  const data = Uint8Array.of(${SMALL});
  Promise.all([
    segment({ model: ${TINY}, images: [${JSON.stringify(file)}], output: ${JSON.stringify(output)} }),
    segment({ model: "otsu", image: { data, shape: { y: 3, x: 3 } } }),
  ]).then(([{ images }, { labels }]) => parentPort.postMessage({ images, labels }));`;

test("two threads at once and the main thread", { skip: noAddon }, async () => {
  const workers = IMAGES.map((file, i) => new Worker(thread(file, folder(`thread ${i}`)), { eval: true }));
  const own = segment({ model: path.join(CONTRACT, "tiny.zip"), images: IMAGES, output: folder("main thread") });
  const messages = await Promise.all(workers.map(async (worker) => (await once(worker, "message"))[0]));
  const { images } = await own;
  const { labels } = await segment({ model: "otsu", image: { data: SMALL, shape: { y: 3, x: 3 } } });
  for (const [i, message] of messages.entries()) {
    assert.deepEqual(fs.readFileSync(message.images[0].labels), fs.readFileSync(images[i].labels));
    assert.deepEqual(message.labels, labels);
  }
  for (const worker of workers) if (worker.threadId !== -1) await once(worker, "exit");
  assert.equal(addon().version(), version);
});

test("a thread that is closed cancels its job, and the process lives", { skip: noAddon || noUnix, timeout: 60_000 }, async (t) => {
  // A learner that says through a pipe what it was told behind the request.
  const pipe = folder("told");
  execFileSync("mkfifo", [pipe]);
  // Whoever still reads then sees the end of it.
  t.after(() => fs.closeSync(fs.openSync(pipe, fs.constants.O_RDWR | fs.constants.O_NONBLOCK)));
  const hello = JSON.stringify({ hello: { contract: 1, version, torch: "2.11.0", devices: ["cpu"] } });
  const progress = JSON.stringify({ event: "progress", phase: "training", step: 1 });
  const script = ["#!/bin/sh", `echo '${hello}'`, "read request", `echo '${progress}'`, "read told", `echo "$told" > '${pipe}'`, ""];
  const learner = folder("listener");
  fs.writeFileSync(learner, script.join("\n"), { mode: 0o755 });
  const train = `
    const { train } = require(${CORE});
    const { parentPort } = require("node:worker_threads");
    (async () => {
      const job = train({ images: ["a"], labels: ["b"], save: "c", steps: 1, learner: ${JSON.stringify(learner)} });
      for await (const event of job) parentPort.postMessage(event);
    })();`;
  const told = fs.promises.readFile(pipe, "utf8");
  const worker = new Worker(train, { eval: true });
  for await (const [event] of on(worker, "message")) if (event.event === "progress") break;
  await worker.terminate();
  assert.deepEqual(JSON.parse(await told), { cancel: true });
  assert.equal((await segment({ model: "otsu", image: { data: new Uint8Array(4), shape: { y: 2, x: 2 } } })).objects, 0);
});

test("a job keeps the process alive until it has ended, and no longer", { skip: noAddon }, async () => {
  const script = `
    const { segment } = require(${CORE});
    segment({ model: ${TINY}, images: [${JSON.stringify(IMAGES[0])}], output: ${JSON.stringify(folder("alone"))} })
      .then(({ images }) => console.log(images[0].status));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", script]);
  assert.equal(stdout, "done\n");
});

test("an error that nobody looks at ends the process, as in all of Node", { skip: noAddon }, async () => {
  const script = `require(${CORE}).train({ images: ["a"], labels: ["b"], save: "c", steps: 0 })`;
  await assert.rejects(promisify(execFile)(process.execPath, ["-e", script]), (error) => /invalid-request/.test(error.stderr));
});
