#!/usr/bin/env bash
# How far apart two Java controllers on one machine start the same item: their WAV sinks, correlated with each other.
#
#   src/bench/two-controllers.sh [controllers=2]
#
# Starts the demo server, whose controllers play one bulletin about two minutes later, ends all but two of them (or as many as the
# first argument says), and compares the first ten seconds that each pair of sinks let out, sample by sample, at the moments the
# sinks say they let them out. Writes nothing outside a temporary directory. Needs target/loalang.jar.
cd "$(dirname "$0")/../.."
. src/bench/common.sh
java -Xmx256m -XX:+UseSerialGC $program server --demo "--loalang.data-dir=$work/data" --loalang.public-host=127.0.0.1 \
  "--server.port=$(port)" "--loalang.web.http-port=$(port)" "--loalang.broker.tls-port=$(port)" "--loalang.broker.port=$mqtt" \
  >"$work/server.log" 2>&1 &
pids[server]=$!
echo "$(machine); waiting for the demo's bulletin"
# The demo's controllers are children of its server; they have connected by then.
sleep 60
pgrep -P "${pids[server]}" -f ' controller ' | sed "1,${1:-2}d" | xargs -r kill
heard() { find "$work/data/demo" -path '*/wav/*.json' 2>/dev/null | sort; }
for _ in $(seq 300); do
  [ "$(heard | wc -l)" -ge 2 ] && break
  kill -0 "${pids[server]}" || { tail -20 "$work/server.log" >&2; exit 1; }
  sleep 1
done
sleep 15
mapfile -t sinks < <(heard)
[ ${#sinks[@]} -ge 2 ] || { echo "No two controllers played within 300 s" >&2; exit 1; }
java src/bench/Apart.java "${sinks[@]}"
