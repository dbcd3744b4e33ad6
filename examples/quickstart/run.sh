#!/usr/bin/env bash
# Tells Penstock's main job as a story, with everything real: an MLflow server, a git repository, a scikit-learn model.
# Installs what is missing, builds, runs, cleans up. `--keep` leaves everything running and prints the addresses.
set -euo pipefail
cd "$(dirname "$0")/../.."

./setup.sh quickstart
cmake --preset release -DBUILD_TESTING=OFF -B build/quickstart/penstock >build/configure.log 2>&1 || { cat build/configure.log >&2; exit 1; }
cmake --build build/quickstart/penstock --target penstockd penstock workers
exec build/python/mlflow/bin/python examples/quickstart/story.py --programs build/quickstart/penstock/bin --work build/quickstart/work "$@"
