#!/usr/bin/env bash
# How far apart two Java controllers on one machine start the same item: their WAV sinks, correlated with each other.
#
#   src/bench/two-controllers.sh
#
# Starts the demo server, whose six controllers play one bulletin about two minutes later, and compares the first ten seconds
# that each pair of sinks let out, sample by sample, at the moments the sinks say they let them out. Writes nothing outside a
# temporary directory. Needs target/loalang.jar.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=${PROGRAM:--jar $PWD/target/loalang.jar}
[ -n "${PROGRAM:-}" ] || [ -f target/loalang.jar ] || { echo "Build the jar first: ./mvnw -DskipTests package" >&2; exit 2; }
work=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
  rm -rf "$work"
}
trap cleanup EXIT
port() {
  local candidate
  while :; do
    candidate=$((RANDOM % 12000 + 20000))
    (exec 3<>"/dev/tcp/127.0.0.1/$candidate") 2>/dev/null || { echo "$candidate"; return; }
  done
}
java -Xmx256m -XX:+UseSerialGC $program server "--loalang.data-dir=$work/data" --loalang.public-host=127.0.0.1 \
  "--server.port=$(port)" "--loalang.web.http-port=$(port)" "--loalang.broker.tls-port=$(port)" "--loalang.broker.port=$(port)" \
  >"$work/server.log" 2>&1 &
server=$!
echo "Machine: $(nproc) cores, load $(cut -d' ' -f1-3 /proc/loadavg); waiting for the demo's bulletin"
for _ in $(seq 300); do
  [ "$(find "$work/data/demo" -path '*/wav/*.json' 2>/dev/null | wc -l)" -ge 2 ] && break
  sleep 1
done
sleep 15
java src/bench/Apart.java $(find "$work/data/demo" -path '*/wav/*.json' | sort)
