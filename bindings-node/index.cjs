"use strict";

const { FewlabelError } = require("./lib/error.cjs");
const { configure } = require("./lib/engine.cjs");
const { describe, evaluate, pretrain, run, train } = require("./lib/entries.cjs");
const { segment } = require("./lib/segment.cjs");
const { version } = require("./package.json");

module.exports = { FewlabelError, configure, describe, evaluate, pretrain, run, segment, train, version };
