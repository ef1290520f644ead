#!/usr/bin/env bash
# Everybody says hello at once after the broker restarted: until the last of them is welcomed again.
#
#   src/bench/reconnect.sh [controllers=10000] [embedded|mosquitto]
#
# Embedded, the broker's restart is a kill -9 of the whole server. The pauses of the controllers are shortened to 1 to 3 s, so that
# their hellos come together instead of spread over minutes. Counted from the first new connection. Writes nothing outside a
# temporary directory. Needs target/loalang.jar (or
# PROGRAM, what java needs to run the program instead: "-cp … vn.loalang.LoaLang"), and mosquitto for the second form.
cd "$(dirname "$0")/../.."
count=${1:-10000}
broker=${2:-embedded}
. src/bench/fleet.sh

start_fleet
: >"$work/simulate.log"
simulate --backoff-base 2000 --backoff-max 2000 --act welcome,settle,reconnect --deadline 300 >"$work/simulate.log" 2>&1 &
pids[simulate]=$!
tail -f --pid="${pids[simulate]}" "$work/simulate.log" &
pids[tail]=$!
until grep -q 'restart the broker' "$work/simulate.log"; do
  kill -0 "${pids[simulate]}" 2>/dev/null || { echo "The fleet ended early" >&2; exit 1; }
  sleep 0.2
done
if [ "$broker" = mosquitto ]; then
  kill -9 "${pids[broker]}"; wait "${pids[broker]}" 2>/dev/null || true; start_mosquitto
else
  kill -9 "${pids[server]}"; wait "${pids[server]}" 2>/dev/null || true; start_server
fi
wait "${pids[simulate]}" || true
echo "Heap of the server: $(jcmd "${pids[server]}" GC.heap_info | grep -E 'generation' | sed 's/ *\[.*//' | tr -s ' ' | paste -sd';')"
sed -nE 's/.*"reconnect":\{"ok":(true|false),"ms":([0-9]+).*/All welcomed again: \1, after \2 ms/p' "$work/simulate.log"
