#!/usr/bin/env bash
# Builds one program for all targets into a folder, with a link for each, stripped, so that it runs on any x86-64 Linux with a glibc
# as new as this machine's: build.sh DIR
set -eu
here=$(cd "$(dirname "$0")" && pwd)
to=${1:?usage: build.sh DIR}
mkdir -p "$to"
# The C++ library is linked in. `cc` takes the name of the library to link from CXXSTDLIB.
static=$(dirname "$(g++ -print-file-name=libstdc++.a)")
export CXXSTDLIB=static=stdc++ RUSTFLAGS="${RUSTFLAGS:-} -L native=$static" RUSTC_WRAPPER=$here/rustc.sh
target=${FUZZ_TARGET_DIR:-$here/../../target/fuzz}
(cd "$here" && cargo +nightly fuzz build every --fuzz-dir "$here" --target-dir "$target" --features libfuzzer)
strip -o "$to/every" "$target/x86_64-unknown-linux-gnu/release/every"
for program in "$here"/fuzz_targets/*.rs; do
  name=$(basename "$program" .rs)
  [[ $name == every ]] || ln -sf every "$to/$name"
done
