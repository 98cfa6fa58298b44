"use strict";

/**
 * What went wrong: the core's error as it is. `code` is its kind, `message` its one line, `hint` what to do about it.
 * A cancelled job has the code `cancelled` and, as everywhere in JavaScript, the name `AbortError`.
 */
class FewlabelError extends Error {
  /** @param error the core's error as JSON; `line` is its one line without the hint */
  constructor({ kind, line, hint, context = [], causes = [] }, options) {
    super(line, options);
    this.code = kind;
    this.hint = hint;
    this.context = Object.fromEntries(context);
    this.causes = causes;
  }

  get name() {
    return this.code === "cancelled" ? "AbortError" : "FewlabelError";
  }
}

/** An error of this layer, in the form of the core's. */
function invalid(line, field, hint) {
  return new FewlabelError({ kind: "invalid-request", line: `${line} (field: ${field})`, hint, context: [["field", field]] });
}

/** Calls a native. What it throws has the core's error as its message. */
function native(call) {
  try {
    return call();
  } catch (thrown) {
    throw fromNative(thrown);
  }
}

function fromNative(thrown) {
  try {
    return new FewlabelError(JSON.parse(thrown.message));
  } catch {
    return thrown;
  }
}

module.exports = { FewlabelError, invalid, native };
