# Sourced by the scripts that measure: the program, free ports, a broker, and what is left of them afterwards. Sets program, work and
# mqtt (a port); what stands in pids ends with the script. The caller may set broker_settings, lines for Mosquitto.
set -euo pipefail
program=${PROGRAM:--jar $PWD/target/loalang.jar}
[ -n "${PROGRAM:-}${JAVA_CONTROLLER:-}" ] || [ -f target/loalang.jar ] || { echo "Build the jar first: ./mvnw -DskipTests package" >&2; exit 2; }
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
broker_settings=()

start_mosquitto() {
  printf '%s\n' "listener $mqtt 127.0.0.1" 'allow_anonymous true' 'persistence false' 'log_type error' "${broker_settings[@]}" \
    >"$work/mosquitto.conf"
  "$(command -v mosquitto || echo /usr/sbin/mosquitto)" -c "$work/mosquitto.conf" >>"$work/mosquitto.log" 2>&1 &
  pids[broker]=$!
}
machine() {
  echo "Machine: $(nproc) cores, load $(cut -d' ' -f1-3 /proc/loadavg)"
}
