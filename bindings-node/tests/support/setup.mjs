// What every test file imports first: where things lie, and what is missing.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createRequire } from "node:module";
import { after } from "node:test";

const require = createRequire(import.meta.url);

export const ROOT = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "..", "..", "..");
export const DATA = path.join(ROOT, "tests", "data");
export const CONTRACT = path.join(ROOT, "tests", "contract");

/** A folder that goes when the tests of this file have ended. */
export const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "fewlabel µ "));
after(() => fs.rmSync(scratch, { recursive: true, force: true }));

/** A folder below it. */
export const folder = (name) => path.join(scratch, name);

process.env.FEWLABEL_PROGRAMS ??= path.join(ROOT, "target", "debug");
process.env.FEWLABEL_HOME = folder("home");
delete process.env.FEWLABEL_LEARN;
delete process.env.FEWLABEL_MODELS;

/** A program that cargo builds. */
export const program = (name) => path.join(process.env.FEWLABEL_PROGRAMS, name + (process.platform === "win32" ? ".exe" : ""));

/** Why tests cannot run, for node's `skip`; false when they can. */
export const noAddon = reason(() => require("../../lib/native.cjs").find());
export const noCommandLine = noAddon || reason(() => fs.accessSync(program("fewlabel")));
export const noLearner = noAddon || reason(() => fs.accessSync(program("fewlabel-learn")));
export const noUnix = process.platform === "win32" && "needs a Unix shell";

function reason(look) {
  try {
    look();
    return false;
  } catch (error) {
    return `not built: ${error.message}`;
  }
}

/** The native half, for what the package does not show. */
export const addon = () => require("../../lib/native.cjs").load().addon;
