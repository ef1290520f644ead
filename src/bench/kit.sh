#!/usr/bin/env bash
# Lets the conformance kit measure controllers through a broker: one line of JSON for each controller and test.
#
#   src/bench/kit.sh PROFILES TESTS [embedded|mosquitto] [java] [c]
#
# Without a broker named it is Mosquitto; embedded is the server's own, with its rights and accounts.
#
# Named tests run one after the other, so that nothing disturbs what they measure; without any ("") all of the profiles run side by
# side, as they do for a vendor, and a last line says how long that took; the core has four minutes, and longer is a failure. SEED
# repeats what the proxy did by chance in the run that printed it.
#
# Writes nothing outside a temporary directory but the build of the reference controller. Needs target/loalang.jar (or
# JAVA_CONTROLLER, a command that runs the program, such as "java -cp …  vn.loalang.LoaLang"), mosquitto or, for embedded, the
# compiled tests in target/test-classes (or KIT_BROKER, a command that runs vn.loalang.delivery.KitBroker), make and a C compiler.
cd "$(dirname "$0")/../.."
. src/bench/common.sh
program=${JAVA_CONTROLLER:-java -Xmx256m -XX:+UseSerialGC $program}
profiles=$1 tests=$2
shift 2
broker=mosquitto
case ${1:-} in embedded | mosquitto) broker=$1; shift ;; esac
controllers=("$@")
[ ${#controllers[@]} -gt 0 ] || controllers=(java c)

# It is one of our tests, so it is not in the program.
start_embedded() {
  [ -n "${KIT_BROKER:-}" ] || [ -d target/test-classes ] || { echo "Compile the tests first: ./mvnw -DskipTests package" >&2; exit 2; }
  ${KIT_BROKER:-java -Xmx256m -XX:+UseSerialGC -Dloader.path=$PWD/target/test-classes -Dloader.main=vn.loalang.delivery.KitBroker
    -cp target/loalang.jar org.springframework.boot.loader.launch.PropertiesLauncher} "$work/embedded" >"$work/embedded.log" 2>&1 &
  pids[broker]=$!
  until grep -q '^Broker ' "$work/embedded.log"; do
    kill -0 "${pids[broker]}" 2>/dev/null && ((SECONDS < 120)) || { cat "$work/embedded.log" >&2; exit 1; }
    sleep 0.2
  done
  local door
  read -r _ address door < <(grep '^Broker ' "$work/embedded.log")
  enrol=(--enrol "bash -c 'exec 3<>/dev/tcp/127.0.0.1/$door; echo {id} {password} >&3; read -r <&3'")
}

enrol=()
if [ "$broker" = embedded ]; then
  start_embedded
else
  broker_settings=('max_queued_messages 10000')
  start_mosquitto
  address=mqtt://127.0.0.1:$mqtt
fi

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
  $program conformance --broker "$address" "${enrol[@]}" --controller "$command" --label "$label" --report "$work/$controller" \
    --profile "$profiles" ${SEED:+--seed "$SEED"} ${tests:+--only "$tests" --lanes 1} >"$work/$controller.log" || failed=1
  took=$((SECONDS - begin))
  seed=$(sed -nE 's/.*with --seed ([0-9]+)\..*/\1/p' "$work/$controller.log")
  { cat "$work/$controller/conformance.json"; echo; } | sed 's/{"test":/\n&/g' |
    sed -nE 's/^\{"test":"([^"]*)".*"outcome":"([^"]*)","detail":"(.*)","ms":([0-9]+)\}.*$/{"controller":"'"$controller"'","broker":"'"$broker"'","seed":'"$seed"',"test":"\1","outcome":"\2","measured":"\3","ms":\4}/p'
  [ -n "$tests" ] && continue
  echo "{\"controller\":\"$controller\",\"broker\":\"$broker\",\"profiles\":\"$profiles\",\"seconds\":$took}"
  [ "$profiles" != core ] || [ "$took" -le 240 ] || failed=1
done
exit $failed
