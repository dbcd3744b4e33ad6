#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. Arguments go to ctest: ./tests/run.sh -L unit
# Labels: unit (no daemon; PostgreSQL and small servers of its own), system (the real binary on loopback), real (a real MLflow, the
# quickstart), style.
#
# PENSTOCK_PRESET chooses the build (dev); asan and tsan are the sanitizers' builds. With PENSTOCK_NO_SKIP=1 a test that
# cannot run here is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

preset=${PENSTOCK_PRESET:-dev}
./setup.sh test
cmake --preset "$preset" >build/configure.log 2>&1 || { cat build/configure.log >&2; exit 1; }
cmake --build --preset "$preset"
# Where there is room, what only a test reads stays in memory: on some disks a file costs milliseconds, and tests make very many.
if [ -z "${TMPDIR:-}" ] && [ -w /dev/shm ] && [ "$(df --output=avail /dev/shm | tail -n 1)" -gt 4000000 ]; then
  export TMPDIR=/dev/shm
fi
log=build/tests.log
ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j"$(nproc)" "$@" | tee "$log"
if [ "${PENSTOCK_NO_SKIP:-0}" = 1 ] && grep -q '(Skipped)$' "$log"; then
  echo "run.sh: these tests did not run, and here none may be left out:" >&2
  grep '(Skipped)$' "$log" >&2
  exit 1
fi
