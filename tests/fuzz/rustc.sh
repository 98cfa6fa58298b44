#!/usr/bin/env bash
# Calls the compiler for build.sh: `rustc.sh RUSTC ARGUMENT…`. tract runs networks, of which no input here gets as far; when a
# crate is instrumented, the linker keeps all of it, and the fuzzer goes through a million counters after each input.
arguments=()
case " $* " in
  *" --crate-name tract"* | *" --crate-name ndarray "*)
    for argument in "$@"; do
      case $argument in
        -Cpasses=sancov-module | -Cllvm-args=-sanitizer-coverage*) ;;
        *) arguments+=("$argument") ;;
      esac
    done
    exec "${arguments[@]}"
    ;;
esac
exec "$@"
