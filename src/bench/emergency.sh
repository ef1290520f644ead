#!/usr/bin/env bash
# From the release of an emergency until the last "started" is on the server's disk, in multiples of the yardstick: one signed
# message to every controller, an answer each, a reply each, through the same broker, in the same run. Several times; the first
# three rounds are also the first for the compilers of server and simulator, and are shown as such.
#
#   src/bench/emergency.sh [controllers=10000] [embedded|mosquitto] [rounds=3]
#
# Writes nothing outside a temporary directory. Needs target/loalang.jar (or
# PROGRAM, what java needs to run the program instead: "-cp … vn.loalang.LoaLang"), and mosquitto for the second form.
cd "$(dirname "$0")/../.."
count=${1:-10000}
broker=${2:-embedded}
rounds=$((${3:-3} + 3))
. src/bench/fleet.sh

start_fleet
simulate --act "welcome$(printf ',settle,echo,now%.0s' $(seq "$rounds"))" --deadline 400 | tee "$work/simulate.log" | grep -v '^{' || true
result=$(tail -1 "$work/simulate.log")
echo "$result"
for run in "" $(seq 2 "$rounds"); do
  echo=$(value "echo$run" ms) now=$(value "now$run" ms)
  committed=$(value "now$run" committed)
  [ "${run:-1}" -gt 3 ] && name="Run $((run - 3))" || name="Warming up ${run:-1}"
  echo "$name: yardstick $echo ms; $(value "now$run" count) starts on the disk after $committed ms," \
    "95 % of them after $(value "now$run" committed_95) ms, ratio" \
    "$(awk -v e="${echo:-0}" -v n="${committed:-0}" 'BEGIN { if (e > 0) printf "%.2f", n / e; else print "none" }');" \
    "released after $(value "now$run" released) ms, last start after $(value "now$run" started) ms," \
    "all acknowledged after $now ms, shown to people after $(value "now$run" shown) ms"
done
