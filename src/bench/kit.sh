#!/usr/bin/env bash
# Lets the conformance kit measure controllers through Mosquitto: one line of JSON for each controller and test.
#
#   src/bench/kit.sh PROFILES TESTS [java] [c]
#
# Named tests run one after the other, so that nothing disturbs what they measure; without any ("") all of the profiles run side by
# side, as they do for a vendor, and a last line says how long that took.
#
# Writes nothing outside a temporary directory but the build of the reference controller. Needs target/loalang.jar (or
# JAVA_CONTROLLER, a command that runs the program, such as "java -cp …  vn.loalang.LoaLang"), mosquitto, make and a C compiler.
cd "$(dirname "$0")/../.."
. src/bench/common.sh
program=${JAVA_CONTROLLER:-java -Xmx256m -XX:+UseSerialGC $program}
profiles=$1 tests=$2
shift 2
controllers=("$@")
[ ${#controllers[@]} -gt 0 ] || controllers=(java c)
broker_settings=('max_queued_messages 10000')
start_mosquitto

same="--claim {claim} --data {data} --wav-dir {wav} --rtc-offset {rtc} --hook-port {hook} --usb {usb} --hello-delay 0 --backoff-base 10"
machine
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
  begin=$SECONDS
  $program conformance --broker "mqtt://127.0.0.1:$mqtt" --controller "$command" --label "$label" --report "$work/$controller" \
    --profile "$profiles" ${tests:+--only "$tests" --lanes 1} >"$work/$controller.log" || failed=1
  took=$((SECONDS - begin))
  { cat "$work/$controller/conformance.json"; echo; } | sed 's/{"test":/\n&/g' |
    sed -nE 's/^\{"test":"([^"]*)".*"outcome":"([^"]*)","detail":"(.*)","ms":[0-9]+\}.*$/{"controller":"'"$controller"'","test":"\1","outcome":"\2","measured":"\3"}/p'
  [ -n "$tests" ] || echo "{\"controller\":\"$controller\",\"profiles\":\"$profiles\",\"seconds\":$took}"
done
exit $failed
