"use strict";

const { invalid } = require("./error.cjs");

const toSnake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
// A digit keeps its underscore (`ap_50_90`): there is no upper case to tell it by.
const toCamel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

/**
 * Arguments in JavaScript's words as the request has them. There is no table of fields: one that does not exist reaches the
 * core, which refuses it by name. What JSON would lose on the way in silence is refused here.
 */
function toRequest(value, field = "arguments") {
  if (Array.isArray(value)) {
    return value.map((item, index) => toRequest(item, `${field}[${index}]`));
  }
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (Number.isFinite(value)) return value;
      throw invalid(`this is no finite number: ${value}`, field, "give a number, or leave the field out for its default");
    case "object":
      if (value === null) return value;
      if (isPlain(value)) {
        const fields = Object.entries(value).filter(([, item]) => item !== undefined);
        return Object.fromEntries(fields.map(([name, item]) => [toSnake(name), toRequest(item, name)]));
      }
  }
  const type = typeof value === "object" ? (value.constructor?.name ?? "object") : typeof value;
  throw invalid(`a request cannot hold a value of this type: ${type}`, field, "give text, numbers, true or false, lists or plain objects");
}

function isPlain(object) {
  const prototype = Object.getPrototypeOf(object);
  // An object of another realm (an Electron window) has another Object.prototype, which has no prototype either.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** A result or event of the core in JavaScript's words. */
function fromCore(value) {
  if (Array.isArray(value)) return value.map(fromCore);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [toCamel(name), fromCore(item)]));
}

module.exports = { fromCore, toRequest };
