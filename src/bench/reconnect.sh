#!/usr/bin/env bash
# Everybody says hello at once after the broker restarted: until the last of them is welcomed again.
#
#   src/bench/reconnect.sh [controllers=10000] [embedded|mosquitto]
#
# Embedded, the broker's restart is a kill -9 of the whole server. The pauses of the controllers are shortened to 1 to 3 s, so that
# their hellos come together instead of spread over minutes. Counted from the first new connection. Writes nothing outside a
# temporary directory. Needs target/loalang.jar (or
# PROGRAM, what java needs to run the program instead: "-cp … vn.loalang.LoaLang"), and mosquitto for the second form.
set -euo pipefail
cd "$(dirname "$0")/../.."
count=${1:-10000}
broker=${2:-embedded}
program=${PROGRAM:--jar $PWD/target/loalang.jar}
[ -n "${PROGRAM:-}" ] || [ -f target/loalang.jar ] || { echo "Build the jar first: ./mvnw -DskipTests package" >&2; exit 2; }
ulimit -n 20000 2>/dev/null || ulimit -n "$(ulimit -Hn)"
work=$(mktemp -d)
declare -A pids
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

# Below the range from which ten thousand connections take theirs.
port() {
  local candidate
  while :; do
    candidate=$((RANDOM % 12000 + 20000))
    (exec 3<>"/dev/tcp/127.0.0.1/$candidate") 2>/dev/null || { echo "$candidate"; return; }
  done
}

mqtt=$(port)
options=(--demo=false "--loalang.data-dir=$work/data" --loalang.public-host=127.0.0.1
  "--server.port=$(port)" "--loalang.web.http-port=$(port)" "--loalang.broker.tls-port=$(port)" "--loalang.broker.port=$mqtt"
  "--loalang.delivery.simulated-fleet=$count" "--loalang.delivery.simulated-directory=$work/fleet")
start_mosquitto() {
  "$(command -v mosquitto || echo /usr/sbin/mosquitto)" -c "$work/mosquitto.conf" >>"$work/mosquitto.log" 2>&1 &
  pids[broker]=$!
}
start_server() {
  java -Xmx512m -XX:+UseSerialGC $program server "${options[@]}" >>"$work/server.log" 2>&1 &
  pids[server]=$!
}
if [ "$broker" = mosquitto ]; then
  printf 'listener %s 127.0.0.1\nallow_anonymous true\npersistence false\nmax_inflight_messages 1000\nmax_queued_messages 200000\nlog_type error\n' \
    "$mqtt" >"$work/mosquitto.conf"
  start_mosquitto
  options+=("--loalang.broker.url=tcp://127.0.0.1:$mqtt" --loalang.broker.username=server --loalang.broker.password=server)
fi
start_server
for _ in $(seq 300); do [ -e "$work/fleet/devices.tsv" ] && break; sleep 1; done
[ -e "$work/fleet/devices.tsv" ] || { echo "No simulated fleet after 300 s" >&2; tail -20 "$work/server.log" >&2; exit 1; }

echo "Machine: $(nproc) cores, load $(cut -d' ' -f1-3 /proc/loadavg); $broker; $count controllers"
: >"$work/simulate.log"
java -Xmx1g -XX:+UseParallelGC $program simulate --controllers "$count" --claims "$work/fleet" --broker "tcp://127.0.0.1:$mqtt" \
  --hello-delay 30000 --backoff-base 2000 --backoff-max 2000 --act welcome,settle,reconnect --deadline 300 >"$work/simulate.log" 2>&1 &
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
