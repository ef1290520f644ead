#!/usr/bin/env bash
# Lets the conformance kit measure controllers through Mosquitto: one line of JSON for each controller and test.
#
#   src/bench/kit.sh PROFILES TESTS [java] [c]
#
# Writes nothing outside a temporary directory but the build of the reference controller. Needs target/loalang.jar (or
# JAVA_CONTROLLER, a command that runs the program, such as "java -cp …  vn.loalang.LoaLang"), mosquitto, make and a C compiler.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=${JAVA_CONTROLLER:-java -Xmx256m -XX:+UseSerialGC -jar $PWD/target/loalang.jar}
[ -n "${JAVA_CONTROLLER:-}" ] || [ -f target/loalang.jar ] || { echo "Build the jar first: ./mvnw -DskipTests package" >&2; exit 2; }
profiles=$1 tests=$2
shift 2
controllers=("$@")
[ ${#controllers[@]} -gt 0 ] || controllers=(java c)
work=$(mktemp -d)
broker=
cleanup() {
  [ -z "$broker" ] || { kill "$broker" 2>/dev/null || true; wait "$broker" 2>/dev/null || true; }
  rm -rf "$work"
}
trap cleanup EXIT

port=$((RANDOM % 12000 + 20000))
while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((RANDOM % 12000 + 20000)); done
printf 'listener %s 127.0.0.1\nallow_anonymous true\npersistence false\nmax_queued_messages 10000\nlog_type error\n' "$port" >"$work/mosquitto.conf"
"$(command -v mosquitto || echo /usr/sbin/mosquitto)" -c "$work/mosquitto.conf" >"$work/mosquitto.log" 2>&1 &
broker=$!

same="--claim {claim} --data {data} --wav-dir {wav} --rtc-offset {rtc} --hook-port {hook} --hello-delay 0 --backoff-base 10"
echo "Machine: $(nproc) cores, load $(cut -d' ' -f1-3 /proc/loadavg)"
failed=0
for controller in "${controllers[@]}"; do
  case $controller in
    java) command="$program controller --sink wav $same" label="$program controller init --data {data}" ;;
    c)
      make -s -C firmware-protocol/reference-controller-c >"$work/make.log" 2>&1 || { cat "$work/make.log" >&2; exit 1; }
      c=$PWD/firmware-protocol/reference-controller-c/build/gb1-controller
      command="$c $same" label="$c init --data {data}"
      ;;
    *) echo "Name java, c or none." >&2; exit 2 ;;
  esac
  $program conformance --broker "mqtt://127.0.0.1:$port" --controller "$command" --label "$label" --report "$work/$controller" \
    --profile "$profiles" --only "$tests" --lanes 1 >"$work/$controller.log" || failed=1
  { cat "$work/$controller/conformance.json"; echo; } | sed 's/{"test":/\n&/g' |
    sed -nE 's/^\{"test":"([^"]*)".*"outcome":"([^"]*)","detail":"(.*)","ms":[0-9]+\}.*$/{"controller":"'"$controller"'","test":"\1","outcome":"\2","measured":"\3"}/p'
done
exit $failed
