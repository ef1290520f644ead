#!/usr/bin/env bash
# From the mouth to the loudspeaker: chirps are said in real time, 100 ms blocks as the browser's worklet makes them, and found again by
# correlation in what the WAV sink of a real controller process let out.
#
#   src/bench/live-voice.sh [RUNS]
#
# Each run prints the delay of a chirp at 2 s and of one at 10 s, ms; beyond 2,500 it fails. Needs a built tree (./mvnw test-compile).
set -euo pipefail
cd "$(dirname "$0")/../.."
echo "Machine: $(nproc) cores, load $(cut -d' ' -f1-3 /proc/loadavg)"
for _ in $(seq "${1:-3}"); do
  ./mvnw -o -q -B surefire:test -Dtest='LiveVoiceTest#whatIsSaidIsHeardWithinTwoAndAHalfSecondsAndKept' \
    -Dsurefire.failIfNoSpecifiedTests=false | grep -a 'mouth to WAV sink'
done
