#!/usr/bin/env bash
# Tells Penstock's main job as a story, with everything real: an MLflow server, a git repository, a scikit-learn model.
# Installs what is missing, builds, runs, cleans up. `--keep` leaves everything running in the background and prints the
# addresses; `--stop` ends what was kept.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=build/quickstart/work

if [ "${1:-}" = --stop ]; then
  # Without the tools that --keep needed there is nothing that it could have left.
  command -v python3 >/dev/null || { echo "nothing was running"; exit 0; }
  exec python3 examples/quickstart/processes.py --stop "$work"
fi
./setup.sh quickstart
cmake --preset release -DBUILD_TESTING=OFF -B build/quickstart/penstock >build/configure.log 2>&1 || { cat build/configure.log >&2; exit 1; }
cmake --build build/quickstart/penstock --target penstockd penstock workers
exec build/python/mlflow/bin/python examples/quickstart/story.py --programs build/quickstart/penstock/bin --work "$work" "$@"
