#!/usr/bin/env bash
# Random policies, people and orders of events against what must hold whatever happens.
#
#   tests/property/run.sh [--cases N] [--seed S]     100 000 cases from seed 1 on, unless told otherwise
#
# A failure is printed as the shortest history that shows it, and its seed. PENSTOCK_PRESET chooses the build (dev).
set -euo pipefail
cd "$(dirname "$0")/../.."

preset=${PENSTOCK_PRESET:-dev}
./setup.sh build >&2
mkdir -p build
cmake --preset "$preset" >build/configure.log 2>&1 || { cat build/configure.log >&2; exit 1; }
cmake --build --preset "$preset" --target property >&2
exec "build/$preset/tests/property" "$@"
