"use strict";

const { FewlabelError } = require("./lib/error.cjs");
const { configure } = require("./lib/engine.cjs");
const { classify, describe, evaluate, exportModel, pretrain, run, train } = require("./lib/entries.cjs");
const { segment } = require("./lib/segment.cjs");
const { version } = require("./package.json");

module.exports = { FewlabelError, classify, configure, describe, evaluate, exportModel, pretrain, run, segment, train, version };
