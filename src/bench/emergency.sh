#!/usr/bin/env bash
# From the release of an emergency until the last "started" is on the server's disk, in multiples of the yardstick: one signed
# message to every controller, an answer each, a reply each, through the same broker, in the same run. Three times, because the
# first is also the first for the server's compiler.
#
#   src/bench/emergency.sh [controllers=10000] [embedded|mosquitto]
#
# Writes nothing outside a temporary directory. Needs target/loalang.jar (or
# PROGRAM, what java needs to run the program instead: "-cp … vn.loalang.LoaLang"), and mosquitto for the second form.
set -euo pipefail
cd "$(dirname "$0")/../.."
count=${1:-10000}
broker=${2:-embedded}
program=${PROGRAM:--jar $PWD/target/loalang.jar}
[ -n "${PROGRAM:-}" ] || [ -f target/loalang.jar ] || { echo "Build the jar first: ./mvnw -DskipTests package" >&2; exit 2; }
ulimit -n 20000 2>/dev/null || ulimit -n "$(ulimit -Hn)"
work=$(mktemp -d)
pids=()
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
until_there() { # file, seconds, what
  for _ in $(seq "$2"); do [ -e "$1" ] && return; sleep 1; done
  echo "No $3 after $2 s" >&2; tail -20 "$work/server.log" >&2; exit 1
}

mqtt=$(port)
options=(--demo=false "--loalang.data-dir=$work/data" --loalang.public-host=127.0.0.1
  "--server.port=$(port)" "--loalang.web.http-port=$(port)" "--loalang.broker.tls-port=$(port)" "--loalang.broker.port=$mqtt"
  "--loalang.delivery.simulated-fleet=$count" "--loalang.delivery.simulated-directory=$work/fleet")
if [ "$broker" = mosquitto ]; then
  printf 'listener %s 127.0.0.1\nallow_anonymous true\npersistence false\nmax_inflight_messages 1000\nmax_queued_messages 200000\nlog_type error\n' \
    "$mqtt" >"$work/mosquitto.conf"
  "$(command -v mosquitto || echo /usr/sbin/mosquitto)" -c "$work/mosquitto.conf" >"$work/mosquitto.log" 2>&1 &
  pids+=($!)
  options+=("--loalang.broker.url=tcp://127.0.0.1:$mqtt" --loalang.broker.username=server --loalang.broker.password=server)
fi
java -Xmx512m -XX:+UseSerialGC $program server "${options[@]}" >"$work/server.log" 2>&1 &
pids+=($!)
until_there "$work/fleet/devices.tsv" 300 "simulated fleet"

echo "Machine: $(nproc) cores, load $(cut -d' ' -f1-3 /proc/loadavg); $broker; $count controllers"
java -Xmx1g -XX:+UseParallelGC $program simulate --controllers "$count" --claims "$work/fleet" --broker "tcp://127.0.0.1:$mqtt" \
  --hello-delay 30000 --act welcome,settle,echo,now,settle,echo,now,settle,echo,now --deadline 400 | tee "$work/simulate.log" | grep -v '^{' || true
result=$(tail -1 "$work/simulate.log")
echo "$result"
value() { # act, member
  sed -nE "s/.*\"$1\":\{[^}]*\"$2\":(-?[0-9]+).*/\1/p" <<<"$result"
}
for run in "" 2 3; do
  echo=$(value "echo$run" ms) now=$(value "now$run" ms)
  committed=$(value "now$run" committed)
  echo "Run ${run:-1}: yardstick $echo ms; $(value "now$run" count) starts on the disk after $committed ms, ratio" \
    "$(awk -v e="${echo:-0}" -v n="${committed:-0}" 'BEGIN { if (e > 0) printf "%.2f", n / e; else print "none" }');" \
    "released after $(value "now$run" released) ms, last start after $(value "now$run" started) ms," \
    "all acknowledged after $now ms, shown to people after $(value "now$run" shown) ms"
done
