#!/usr/bin/env bash
# Kills the real penstockd with SIGKILL at random moments of a burst, and proves that nothing is lost and no effect repeated.
#
#   tests/faults/kill.sh [--rounds N] [--seed S] [--programs FOLDER]
#
# 1 000 rounds take about 15 minutes; the test run takes 100.
set -euo pipefail
cd "$(dirname "$0")/../.."

rounds=1000
seed=7
programs=
while [ $# -gt 0 ]; do
  case $1 in
    --rounds) rounds=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    --programs) programs=$2; shift 2 ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
done
if [ -z "$programs" ]; then
  programs=build/release/bin
  ./setup.sh build >&2
  cmake --preset release >build/configure.log 2>&1 || { cat build/configure.log >&2; exit 1; }
  cmake --build --preset release --target penstockd penstock workers >&2
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Enough work that there is always something to interrupt.
python3 tests/system/kill.py --programs "$programs" --work "$work/kill" --kills "$rounds" --candidates $((rounds * 4)) \
  --seed "$seed"
