#!/usr/bin/env bash
# Each bug on purpose (daemon/core/planted.hpp) breaks the promise that stands here at its number, and the simulation
# finds it within 2 000 histories.
#
#   planted.sh PROGRAM     the program simulation_planted
set -euo pipefail
program=$1

promises=(
  "an acknowledged event is processed"
  "each effect happens once"
  "at most one promotion delivers per lane"
  "live implies every condition at that instant"
  "the event log only grows"
  "after the faults stop everything ends"
  # With two daemons:
  "who was declared dead writes nothing any more"       # the epoch is not looked at
  "an acknowledged event is processed"                  # decisions are built on what another daemon came before
  "what is due is carried out by one daemon at a time"  # leases are short, and not renewed
  "what is due is carried out by one daemon at a time"  # what another daemon has claimed in a lane is not looked at
  "an acknowledged event is processed"                  # what is in memory is believed without asking for its version
  # With any number of daemons again:
  "live implies every condition at that instant"        # a retry does not ask whether deliveries may begin
  "an acknowledged event is processed"                  # a second approval is answered, and not written
)

failed=0
for number in "${!promises[@]}"; do
  planted=$((number + 1))
  found=$("$program" --planted "$planted" --seeds 2000 2>/dev/null | sed -n '1s/^seed \([0-9]*\) breaks: /\1 /p') || true
  if [[ ${found#* } == "${promises[number]}" ]]; then
    echo "bug $planted: found in seed ${found%% *}: ${promises[number]}"
  else
    echo "bug $planted: not found, needed a failure of \"${promises[number]}\", got \"$found\"" >&2
    failed=1
  fi
done
exit "$failed"
