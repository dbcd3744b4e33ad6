#!/usr/bin/env bash
# Measures the release build on this machine and prints one JSON line per figure. Not part of the tests: they never measure time.
#
#   tests/bench/run.sh [--journal sqlite|postgres] [FIGURE...]     all figures, or only those named; sqlite if not said
set -euo pipefail
cd "$(dirname "$0")/../.."

./setup.sh two-daemons >&2
cmake --preset release >build/configure.log 2>&1 || { cat build/configure.log >&2; exit 1; }
cmake --build --preset release --target penstockd penstock workers bench_load bench_fill bench_keep bench_receive >&2
exec python3 tests/bench/figures.py --build build/release "$@"
