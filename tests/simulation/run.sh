#!/usr/bin/env bash
# The daemon's own parts in simulated worlds: crashes, lost writes, bad peers, jumping clocks, two daemons.
#
#   tests/simulation/run.sh [--seeds N] [--first S] [--aloud]     2 000 histories from seed 1 on, unless told otherwise
#
# The same seed gives the same history, byte for byte; `digest` is over all of them. A failure is printed as its seed,
# what is broken, and the last steps; --aloud prints every step. PENSTOCK_PRESET chooses the build (dev).
set -euo pipefail
cd "$(dirname "$0")/../.."

preset=${PENSTOCK_PRESET:-dev}
./setup.sh build >&2
mkdir -p build
cmake --preset "$preset" >build/configure.log 2>&1 || { cat build/configure.log >&2; exit 1; }
cmake --build --preset "$preset" --target simulation >&2
exec "build/$preset/tests/simulation" "$@"
