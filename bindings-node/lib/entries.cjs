"use strict";

const { canonical } = require("./engine.cjs");
const { invalid } = require("./error.cjs");
const { Job } = require("./job.cjs");
const { fromCore, toRequest } = require("./names.cjs");

/** The version of the contract that this package speaks. */
const CONTRACT = 1;

/** A job of an entry with arguments in JavaScript's words. `write` gives them, with the buffers that go beside. */
function start(entry, write, { signal, onProgress } = {}, result = fromCore) {
  const onEvent = onProgress && ((event) => event.event === "progress" && onProgress(event));
  const request = () => {
    const { args, buffers = [] } = write();
    return { entry, request: JSON.stringify({ contract: CONTRACT, entry, args: toRequest(args) }), buffers };
  };
  return new Job(request, { signal, onEvent }, (response, buffers) => result(response.result, buffers));
}

/** Scores of predictions against labels. */
async function evaluate(args, options) {
  return start("evaluate", () => ({ args }), options).done;
}

/** The class of each image in files. */
async function classify(args, options) {
  return start("classify", () => ({ args }), options).done;
}

/** A model in another form. */
async function exportModel(args, options) {
  return start("export", () => ({ args }), options).done;
}

/** What a model, an image or this installation is. */
async function describe(args = {}, options) {
  return start("describe", () => ({ args }), options).done;
}

/** Few-label training. Comes back at once with the job. */
function train(args, { signal } = {}) {
  return start("train", () => ({ args }), { signal });
}

/** Learning from unlabelled images. Comes back at once with the job. */
function pretrain(args, { signal } = {}) {
  return start("pretrain", () => ({ args }), { signal });
}

/** Any request of the contract, in the contract's own words; a `run.json` is replayed. */
async function run(request, { signal, onEvent, buffers = [] } = {}) {
  const write = () => {
    if (typeof request !== "string" && (request === null || typeof request !== "object")) {
      throw invalid("run: this is no request", "request", "give the request, or its JSON as text");
    }
    const text = typeof request === "string" ? request : JSON.stringify(request);
    return { entry: "run", request: text, buffers };
  };
  const answer = (response, outputs, outcome) => ({
    response,
    buffers: outputs,
    get canonical() {
      return canonical(outcome);
    },
  });
  return new Job(write, { signal, onEvent }, answer).done;
}

module.exports = { classify, describe, evaluate, exportModel, pretrain, run, start, train };
