# Sourced by the scripts that measure with a simulated fleet: a server with a fleet of its own on free ports. The caller sets count and
# broker (embedded or mosquitto).
. src/bench/common.sh
ulimit -n 20000 2>/dev/null || ulimit -n "$(ulimit -Hn)"

broker_settings=('max_inflight_messages 1000' 'max_queued_messages 200000')
https=$(port)
options=(--demo=false "--loalang.data-dir=$work/data" --loalang.public-host=127.0.0.1
  "--server.port=$https" "--loalang.web.http-port=$(port)" "--loalang.broker.tls-port=$(port)" "--loalang.broker.port=$mqtt"
  "--loalang.delivery.simulated-fleet=$count" "--loalang.delivery.simulated-directory=$work/fleet")

start_server() {
  java ${server_java:--Xmx512m -XX:+UseSerialGC} $program server "${options[@]}" >>"$work/server.log" 2>&1 &
  pids[server]=$!
}
# The broker, the server, and the fleet enrolled.
start_fleet() {
  if [ "$broker" = mosquitto ]; then
    start_mosquitto
    options+=("--loalang.broker.url=tcp://127.0.0.1:$mqtt" --loalang.broker.username=server --loalang.broker.password=server)
  fi
  start_server
  for _ in $(seq 300); do [ -e "$work/fleet/devices.tsv" ] && break; sleep 1; done
  [ -e "$work/fleet/devices.tsv" ] || { echo "No simulated fleet after 300 s" >&2; tail -20 "$work/server.log" >&2; exit 1; }
  echo "$(machine); $broker; $count controllers"
}
# The simulator, behind what aside names; options follow. Only in a pipeline or in the background: it takes the place of its shell.
simulate() {
  exec ${aside:-} java -Xmx1g -XX:+UseParallelGC $program simulate --controllers "$count" --claims "$work/fleet" --broker "mqtt://127.0.0.1:$mqtt" \
    --hello-delay 30000 "$@"
}
# A number of the simulator's last line: act, member.
value() {
  sed -nE "s/.*\"$1\":\{[^}]*\"$2\":(-?[0-9]+).*/\1/p" <<<"$result"
}
