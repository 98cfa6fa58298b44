"use strict";

const fs = require("node:fs");
const path = require("node:path");

const { FewlabelError } = require("./error.cjs");
const { version } = require("../package.json");

const PACKAGE = path.join(__dirname, "..");

/** What cargo calls the library on this system. */
const LIBRARY = {
  win32: "fewlabel_node.dll",
  darwin: "libfewlabel_node.dylib",
}[process.platform] ?? "libfewlabel_node.so";

/** The name of this platform in the packages that carry the native library: `linux-x64-gnu`. */
function platform() {
  const { platform: system, arch } = process;
  if (system === "linux") {
    const glibc = process.report.getReport().header.glibcVersionRuntime;
    return `${system}-${arch}-${glibc ? "gnu" : "musl"}`;
  }
  return system === "win32" ? `${system}-${arch}-msvc` : `${system}-${arch}`;
}

/**
 * The file of the native library: in the folder FEWLABEL_PROGRAMS where cargo builds, in development; beside this package; in
 * the package of the platform. What FEWLABEL_PROGRAMS names must be there: another one is never taken instead.
 */
function find() {
  const programs = process.env.FEWLABEL_PROGRAMS;
  const beside = path.join(PACKAGE, "fewlabel.node");
  if (programs) {
    const file = path.join(programs, LIBRARY);
    if (fs.existsSync(file)) return file;
    throw missing(`there is no ${LIBRARY} in the folder FEWLABEL_PROGRAMS`, file, "build it with: cargo build -p fewlabel-node");
  }
  if (fs.existsSync(beside)) return beside;
  const name = `@fewlabel/core-${platform()}`;
  try {
    return require.resolve(`${name}/fewlabel.node`, { paths: [PACKAGE] });
  } catch {
    throw missing(
      "the native library for this system is not installed",
      beside,
      `install ${name} in version ${version}`,
    );
  }
}

function missing(what, file, hint) {
  return new FewlabelError({ kind: "not-found", line: `load native library: ${what} (file: ${file})`, hint, context: [["file", file]] });
}

/** The folder of a file as programs outside of Electron see it: they cannot look into an asar archive. */
function folderOnDisk(file) {
  return path.dirname(file).replace(/\.asar(?=[\\/]|$)/, ".asar.unpacked");
}

let loaded;

/** The addon and the folder it lies in, loaded once in each thread, and when it is first needed. */
function load() {
  if (loaded) return loaded;
  const file = find();
  const module = { exports: {} };
  try {
    process.dlopen(module, file);
  } catch (cause) {
    throw new FewlabelError(
      {
        kind: "unsupported",
        line: `load native library: the system does not load it: ${cause.message} (file: ${file})`,
        hint: "it must be built for this system and processor; in an Electron app list it under asarUnpack",
        context: [["file", file]],
      },
      { cause },
    );
  }
  const addon = module.exports;
  if (addon.version() !== version) {
    throw new FewlabelError({
      kind: "unsupported",
      line: `load native library: it is of version ${addon.version()}, this package of ${version} (file: ${file})`,
      hint: "install both in the same version",
      context: [["file", file]],
    });
  }
  loaded = { addon, folder: folderOnDisk(file) };
  return loaded;
}

module.exports = { find, folderOnDisk, load };
