#!/usr/bin/env bash
# Two daemons on one PostgreSQL, with everything real: one is killed in the middle of a burst, the other is frozen and
# wakes; nothing is lost and nothing is done twice. Installs what is missing, builds, runs, cleans up.
set -euo pipefail
cd "$(dirname "$0")/../.."
./setup.sh two-daemons
cmake --preset release -DBUILD_TESTING=OFF -B build/quickstart/penstock >build/configure.log 2>&1 || { cat build/configure.log >&2; exit 1; }
cmake --build build/quickstart/penstock --target penstockd
exec python3 examples/two-daemons/story.py --programs build/quickstart/penstock/bin --work build/two-daemons "$@"
