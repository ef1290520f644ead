#!/usr/bin/env bash
# From the release of an armed order, which the end of a countdown calls, until every signed document of the order is on its way to the broker, and until the broker has
# acknowledged the last: 200 orders to five areas each, and 20 orders to 2,000 controllers (or all there are) addressed one by one,
# beside a fleet that is connected; if wished with power cuts a minute beside them, and with up to 300 boxes that fetch a recording
# all the time, each at 8 KB a second, as through a bad modem (Modems.java).
#
#   src/bench/release.sh [controllers=100] [embedded|mosquitto] [power cuts a minute=0] [transfers=0] [release,release,singly]
#
# Boxes have processors of their own; here they share the server's, so the simulator and the transfers stand back behind it (nice 19).
#
# Writes nothing outside a temporary directory. Needs target/loalang.jar (or
# PROGRAM, what java needs to run the program instead: "-cp … vn.loalang.LoaLang"), and mosquitto for the second form.
cd "$(dirname "$0")/../.."
count=${1:-100}
broker=${2:-embedded}
aside="nice -n 19"
# As the README starts it: the collector that Java chooses has shorter pauses.
server_java=-Xmx512m
. src/bench/fleet.sh

# So many boxes fetch a recording for tomorrow, again and again until the script ends.
start_transfers() {
  local hash
  until hash=$(sed -nE 's/^Now fetch ([A-Za-z0-9_-]+)$/\1/p' "$work/simulate.log") && [ -n "$hash" ]; do
    kill -0 "${pids[simulate]}" 2>/dev/null || return 0
    sleep 0.2
  done
  nice -n 19 java -Xmx256m -XX:+UseSerialGC src/bench/Modems.java "$https" "$hash" "$work/fleet/devices.tsv" "$1" 8192 &
  pids[transfers]=$!
}

transfers=${4:-0}
# The first round is the first for the server's compiler, too.
wanted=${5:-release,release,singly}
acts=welcome,settle,$wanted
[ "$transfers" = 0 ] || acts=welcome,transfer,settle,$wanted
start_fleet
: >"$work/simulate.log"
simulate --act "$acts" --deadline 900 --power-cuts "${3:-0}" --backoff-base 1000 --backoff-max 4000 >"$work/simulate.log" 2>&1 &
pids[simulate]=$!
[ "$transfers" = 0 ] || start_transfers "$transfers"
wait "${pids[simulate]}" || true
grep -v '^{' "$work/simulate.log" || true
result=$(tail -1 "$work/simulate.log")
declare -A round
for act in ${wanted//,/ }; do
  round[$act]=$((${round[$act]:-0} + 1))
  [ "${round[$act]}" = 1 ] || act+=${round[$act]}
  echo "$act: $(value $act runs) orders of $(value $act documents) documents; given to the broker's connection after p50" \
    "$(value $act handed_p50) µs, p99 $(value $act handed_p99) µs, at most $(value $act handed_max) µs; acknowledged after p50" \
    "$(value $act taken_p50) µs, p99 $(value $act taken_p99) µs, at most $(value $act taken_max) µs"
done
