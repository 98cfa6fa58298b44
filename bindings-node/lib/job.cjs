"use strict";

const { submit } = require("./engine.cjs");
const { FewlabelError, native } = require("./error.cjs");
const { fromCore } = require("./names.cjs");

/**
 * A job that runs on threads of the core. Iterate over it for its events; `done` is the promise of its result. It keeps the
 * process alive until it has ended.
 */
class Job {
  #native;
  #ended = false;
  #news = signalled();
  #settle;
  #onEvent;
  #thrown;
  #options;
  #stopListening = () => {};

  /**
   * @param write gives `{ entry, request, buffers }`, the request as JSON; it may throw
   * @param options `signal`, `onEvent`
   * @param result makes the result of the response, the output buffers, and the outcome as the core wrote it
   */
  constructor(write, options, result) {
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#options = { signal: options.signal, entry: undefined, result };
    this.#onEvent = options.onEvent;
    try {
      this.#start(write, options.signal);
    } catch (error) {
      this.#close(() => {
        throw error;
      });
    }
  }

  #start(write, signal) {
    const { entry, request, buffers } = write();
    this.#options.entry = entry;
    if (signal?.aborted) throw this.#aborted();
    this.#native = submit(
      request,
      buffers,
      () => this.#wake(),
      (outcome) => this.#end(outcome),
    );
    if (signal) {
      const abort = () => this.cancel();
      signal.addEventListener("abort", abort, { once: true });
      this.#stopListening = () => signal.removeEventListener("abort", abort);
    }
  }

  /** Its number, unique in this process; undefined when it could not be started. */
  get id() {
    return this.#native?.id;
  }

  /** `queued`, `running` or `ended`. */
  get status() {
    return this.#ended ? "ended" : this.#native.status;
  }

  /** Asks it to stop now: `done` rejects with an AbortError. */
  cancel() {
    this.#native?.cancel();
  }

  /** Asks it to stop and keep the best so far: `done` resolves with that. */
  finishEarly() {
    this.#native?.finishEarly();
  }

  /** Its events as they come, until it ends. What went wrong is thrown behind the last one. */
  async *[Symbol.asyncIterator]() {
    // Thrown below: whoever iterates need not look at `done` as well.
    this.done.catch(() => {});
    for (;;) {
      // In this order, so that no event is missed that comes while others are looked at.
      const ended = this.#ended;
      const news = this.#news.promise;
      for (const event of this.#events()) yield event;
      if (ended) break;
      await news;
    }
    await this.done;
  }

  #events() {
    return this.#native ? native(() => this.#native.takeEvents()).map((event) => fromCore(JSON.parse(event))) : [];
  }

  #wake() {
    this.#push();
    this.#news.resolve();
    this.#news = signalled();
  }

  /** Hands events to the one who listens. What that one throws cancels the job and becomes its error. */
  #push() {
    if (!this.#onEvent) return;
    try {
      for (const event of this.#events()) this.#onEvent(event);
    } catch (error) {
      this.#thrown = { error };
      this.#onEvent = undefined;
      this.cancel();
    }
  }

  #end(text) {
    const outcome = JSON.parse(text);
    this.#push();
    this.#close(() => {
      if (this.#thrown) throw this.#thrown.error;
      if (outcome.status === "failed") throw new FewlabelError(outcome.error);
      if (outcome.status === "cancelled") throw this.#aborted();
      return this.#options.result(outcome.response, native(() => this.#native.takeBuffers()), text);
    });
  }

  /** Settles `done` with what `result` returns or throws. */
  #close(result) {
    this.#ended = true;
    this.#stopListening();
    try {
      this.#settle.resolve(result());
    } catch (error) {
      this.#settle.reject(error);
    }
    this.#news.resolve();
  }

  #aborted() {
    const { signal, entry } = this.#options;
    const options = signal?.aborted ? { cause: signal.reason } : undefined;
    return new FewlabelError({ kind: "cancelled", line: `${entry}: cancelled` }, options);
  }
}

/** A promise with its resolver. */
function signalled() {
  const signal = {};
  signal.promise = new Promise((resolve) => {
    signal.resolve = resolve;
  });
  return signal;
}

module.exports = { Job };
