#!/usr/bin/env bash
# A promotion's dossier, with everything real: a model version is scanned, approved by two people and delivered; its
# dossier is written; the daemon is stopped; the dossier is verified with the public key alone, with `penstock` and with
# openssl; and one changed byte is found in every file that is touched. Installs what is missing, builds, runs, cleans up.
set -euo pipefail
cd "$(dirname "$0")/../.."
./setup.sh audit
cmake --preset release -DBUILD_TESTING=OFF -B build/quickstart/penstock >build/configure.log 2>&1 || { cat build/configure.log >&2; exit 1; }
cmake --build build/quickstart/penstock --target penstockd penstock workers
exec python3 examples/audit/story.py --programs build/quickstart/penstock/bin --work build/audit "$@"
