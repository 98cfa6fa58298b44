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

/** Starts a job on the engine of this thread. */
function submit(request, buffers, wake, end) {
  const { addon, folder } = load();
  return native(() => {
    engine ??= new addon.Engine({ learner, beside: folder });
    return engine.submit(request, buffers, wake, end);
  });
}

module.exports = { configure, submit };
