"use strict";

const { isMainThread } = require("node:worker_threads");

const { invalid, native } = require("./error.cjs");
const { load } = require("./native.cjs");

/** Where the core reads the folders from: its environment, which worker threads cannot change. */
const FOLDERS = { modelsDir: "FEWLABEL_MODELS", cacheDir: "FEWLABEL_CACHE" };

let learner;
let engine;

/** Says where things lie, before the first job of this thread. */
function configure(options = {}) {
  for (const [name, value] of Object.entries(options)) {
    if (name !== "learner" && !Object.hasOwn(FOLDERS, name)) {
      throw invalid("configure: there is no such option", name, `the options are learner, ${Object.keys(FOLDERS).join(", ")}`);
    }
    if (value !== undefined && (typeof value !== "string" || value === "")) {
      throw invalid("configure: this is no path", name, "give the path as text");
    }
    if (engine) throw invalid("configure: a job was started already", name, "call configure before everything else");
    if (Object.hasOwn(FOLDERS, name) && !isMainThread) {
      throw invalid("configure: folders are the same for the whole process", name, "configure them in the main thread");
    }
  }
  if (options.learner !== undefined) learner = options.learner;
  for (const [name, variable] of Object.entries(FOLDERS)) {
    if (options[name] !== undefined) process.env[variable] = options[name];
  }
}

/** Starts a job on the engine of this thread. The buffers are copied before it returns. */
function submit(request, buffers, wake, end) {
  const pixels = buffers.map(steady);
  const { addon, folder } = load();
  return native(() => {
    engine ??= new addon.Engine({ learner, beside: folder });
    return engine.submit(request, pixels, wake, end);
  });
}

/** A typed array that no other thread changes while it is copied: shared memory might. */
function steady(data, index) {
  if (!ArrayBuffer.isView(data) || data[Symbol.toStringTag] === "DataView") {
    throw invalid("submit: a buffer of pixels is no typed array", `buffers[${index}]`, "give a typed array");
  }
  return data.buffer[Symbol.toStringTag] === "SharedArrayBuffer" ? data.slice() : data;
}

/** The canonical form of the response in an outcome. */
function canonical(outcome) {
  return native(() => load().addon.canonical(outcome));
}

module.exports = { canonical, configure, submit };
