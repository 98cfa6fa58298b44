"use strict";

const { FewlabelError } = require("./lib/error.cjs");
const { configure } = require("./lib/engine.cjs");
const { describe, evaluate, run, train } = require("./lib/entries.cjs");
const { segment } = require("./lib/segment.cjs");
const { version } = require("./package.json");

module.exports = { FewlabelError, configure, describe, evaluate, run, segment, train, version };
