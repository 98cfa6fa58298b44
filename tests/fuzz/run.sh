#!/usr/bin/env bash
# Fuzzes all targets side by side and prints one JSON line for each:
#   run.sh SECONDS [--built DIR] [--out DIR] [TARGET…]
# Without --built the programs are built first, which needs cargo-fuzz and a nightly compiler. With --out the logs, the inputs
# that went wrong and the new inputs of interest are kept there; without it only what went wrong, in artifacts/.
set -u
here=$(cd "$(dirname "$0")" && pwd)
seconds=${1:?usage: run.sh SECONDS [--built DIR] [--out DIR] [TARGET…]}
shift
built='' out='' targets=()
while (($#)); do
  case $1 in
    --built) built=$2; shift 2 ;;
    --out) out=$2; shift 2 ;;
    *) targets+=("$1"); shift ;;
  esac
done
((${#targets[@]})) || for corpus in "$here"/corpus/*; do targets+=("$(basename "$corpus")"); done
if [[ -z $built ]]; then
  "$here/build.sh" "$here/built" || exit 1
  built=$here/built
fi

# Inputs become files, so these should lie in memory.
memory=/dev/shm
[[ -w $memory ]] || memory=${TMPDIR:-/tmp}
work=$(mktemp -d -p "$memory" fewlabel-fuzz.XXXXXX)
trap 'rm -rf "$work"' EXIT
artifacts=${out:-$here}/artifacts
mkdir -p "$artifacts"
artifacts=$(cd "$artifacts" && pwd)
# The C libraries have statics of one name. Memory that was given back is not kept for long, or it would count as memory in
# use. Leaks are no faults of safe Rust.
asan=(detect_leaks=0 detect_odr_violation=0 quarantine_size_mb=8 thread_local_quarantine_size_kb=64)
ASAN_OPTIONS=$(IFS=:; echo "${asan[*]}:allocator_release_to_os_interval_ms=500")
export ASAN_OPTIONS

# One target until its time is over; after a fault it starts again.
fuzz() {
  local name=$1 left=$seconds round=0 begun=$SECONDS start
  local found=$work/$name/found scratch=$work/$name/tmp log=$work/$name/log
  mkdir -p "$found" "$scratch"
  while ((left > 0 && round < 20)); do
    start=$SECONDS
    # MOST_MEMORY of src/bounds.rs is for all allocations of Rust; here it is for each one, those of C included.
    TMPDIR=$scratch "$built/$name" "$found" "$here/corpus/$name" -artifact_prefix="$artifacts/$name-" \
      -dict="$here/dictionaries/$name.dict" -max_total_time="$left" -timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=64 \
      -max_len=20480 -detect_leaks=0 -entropic_scale_per_exec_time=1 -print_final_stats=1 >>"$log" 2>&1 && break
    ((left -= SECONDS - start > 0 ? SECONDS - start : 1, round++))
  done
  count() { find "$artifacts" -name "$name-$1-*" | wc -l; }
  awk -v name="$name" -v seconds="$((SECONDS - begun))" -v crashes="$(count crash)" -v timeouts="$(count timeout)" \
    -v ooms="$(count oom)" -v kept="$(find "$found" -type f | wc -l)" '
    /^stat::number_of_executed_units:/ { executions += $2 }
    /^stat::slowest_unit_time_sec:/ { if ($2 > slowest) slowest = $2 }
    /^stat::peak_rss_mb:/ { if ($2 > peak) peak = $2 }
    END {
      printf "{\"name\":\"%s\",\"executions\":%d,\"seconds\":%d,\"crashes\":%d,", name, executions, seconds, crashes
      printf "\"timeouts\":%d,\"out_of_memory\":%d,\"slowest_seconds\":%d,", timeouts, ooms, slowest
      printf "\"peak_rss_mb\":%d,\"new_units\":%d}\n", peak, kept
    }' "$log"
}

for name in "${targets[@]}"; do fuzz "$name" & done
wait
if [[ -n $out ]]; then
  cp -r "$artifacts" "$work/artifacts"
  (cd "$work" && tar czf "$artifacts/../found.tar.gz" artifacts ./*/found ./*/log)
fi
