// The types compile, for import and for require, and name exactly the fields that the contract has.

import { CONTRACT } from "./support/setup.mjs";

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import test from "node:test";

const require = createRequire(import.meta.url);
const HERE = path.dirname(require.resolve("./tsconfig.json"));
const skip = !fs.existsSync(path.join(HERE, "..", "node_modules", "typescript")) && "typescript is not installed: run npm install";

/** The fields of a type in `index.d.ts`, beside those of the contract that it stands for. */
const TYPES = {
  ClassifiedImage: "ClassifiedImage",
  ClassifiedPlane: "ClassifiedPlane",
  ClassifyArgs: "ClassifyArgs",
  ClassifyResult: "ClassifyResult",
  EvaluateArgs: "EvaluateArgs",
  EvaluateResult: "EvaluateResult",
  DescribeArgs: "DescribeArgs",
  DescribeResult: "DescribeResult",
  ExportArgs: "ExportArgs",
  ExportResult: "ExportResult",
  KindScores: "KindScores",
  KindsScores: "KindsScores",
  ObjectScores: "ObjectScores",
  OverlapScores: "OverlapScores",
  PretrainArgs: "PretrainArgs",
  PretrainResult: "PretrainResult",
  SegmentFilesArgs: "SegmentArgs",
  SegmentFilesResult: "SegmentResult",
  SegmentedFile: "SegmentedImage",
  TrainArgs: "TrainArgs",
  TrainResult: "TrainResult",
};
/** Fields that are for pixels in memory alone, on one side or the other. */
const IN_MEMORY = new Set(["SegmentFilesArgs.image", "SegmentedFile.buffer"]);

test("the types compile, and name the fields of the contract", { skip }, () => {
  const ts = require("typescript");
  const read = ts.readConfigFile(path.join(HERE, "tsconfig.json"), ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(read.config, ts.sys, HERE);
  const program = ts.createProgram(fileNames, options);
  const faults = ts.getPreEmitDiagnostics(program);
  assert.equal(ts.formatDiagnostics(faults, ts.createCompilerHost(options)), "");

  const { $defs } = JSON.parse(fs.readFileSync(path.join(CONTRACT, "schema.json"), "utf8"));
  const checker = program.getTypeChecker();
  const types = program.getSourceFile(path.join(HERE, "..", "index.d.ts"));
  const exported = new Map(checker.getExportsOfModule(checker.getSymbolAtLocation(types)).map((symbol) => [symbol.name, symbol]));
  for (const [name, definition] of Object.entries(TYPES)) {
    const fields = checker.getDeclaredTypeOfSymbol(exported.get(name)).getProperties().map((field) => field.name);
    const wanted = Object.keys($defs[definition].properties).map((field) => field.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()));
    const known = (list) => list.filter((field) => !IN_MEMORY.has(`${name}.${field}`)).sort();
    assert.deepEqual(known(fields), known(wanted), name);
  }
  const codes = checker.getDeclaredTypeOfSymbol(exported.get("ErrorCode")).types.map((type) => type.value);
  assert.deepEqual(codes.sort(), $defs.ErrorKind.oneOf.map((kind) => kind.const).sort());
});
