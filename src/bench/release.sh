#!/usr/bin/env bash
# From the end of a countdown until the broker has every signed document of the order: 200 orders to five areas each, and 20 orders
# to 2,000 controllers addressed one by one, beside a fleet that is connected; with power cuts a minute beside them if wished.
#
#   src/bench/release.sh [controllers=100] [embedded|mosquitto] [power cuts a minute=0]
#
# Writes nothing outside a temporary directory. Needs target/loalang.jar (or
# PROGRAM, what java needs to run the program instead: "-cp … vn.loalang.LoaLang"), and mosquitto for the second form.
cd "$(dirname "$0")/../.."
count=${1:-100}
broker=${2:-embedded}
. src/bench/fleet.sh

start_fleet
# The first round is the first for the server's compiler, too.
simulate --act welcome,settle,release,release,singly --deadline 600 --power-cuts "${3:-0}" --backoff-base 1000 --backoff-max 4000 |
  tee "$work/simulate.log" | grep -v '^{' || true
result=$(tail -1 "$work/simulate.log")
for act in release release2 singly; do
  echo "$act: $(value $act runs) orders of $(value $act documents) documents; with the broker after p50 $(value $act handed_p50) µs," \
    "p99 $(value $act handed_p99) µs, at most $(value $act handed_max) µs; release() returned after p50 $(value $act returned_p50) µs," \
    "p99 $(value $act returned_p99) µs"
done
