#!/bin/sh
# The Linux port against a real broker with TLS: which certificates let it in, and what a new claim needs and leaves [CLM-2] [CLM-2b].
# usage: test/tls.sh build/gb1-controller ../vectors/claim.gbf; needs mosquitto and openssl
set -eu
controller=$1
claim=$2
work=$(mktemp -d)
broker=
pole=
finish() {
    for pid in $pole $broker; do kill "$pid" 2>/dev/null || true; done
    wait
    rm -rf "$work"
}
trap finish EXIT
port=$((20000 + $$ % 20000))
id=$("$controller" init --data "$work/data" | cut -d: -f2)

authority() { # name
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$1" -keyout "$work/$1.key" -out "$work/$1.pem" 2>/dev/null
}

certificate() { # name host authority from to
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$2" -keyout "$work/$1.key" -out "$work/$1.csr" 2>/dev/null
    mkdir -p "$work/ca-$1"
    : >"$work/ca-$1/index.txt"
    printf '[ca]\ndefault_ca=c\n[c]\ndatabase=%s/index.txt\nnew_certs_dir=%s\ndefault_md=sha256\npolicy=p\nrand_serial=yes\n[p]\ncommonName=supplied\n[x]\nsubjectAltName=DNS:%s\n' \
        "$work/ca-$1" "$work/ca-$1" "$2" >"$work/ca-$1/conf"
    openssl ca -batch -notext -config "$work/ca-$1/conf" -extensions x -cert "$work/$3.pem" -keyfile "$work/$3.key" \
        -startdate "$4" -enddate "$5" -in "$work/$1.csr" -out "$work/$1.pem" 2>/dev/null
}

claim_file() { # file sys authority
    pem=$(awk '{printf "%s\\\\n", $0}' "$work/$3.pem")
    sed -e "s#\"sys\":\"[^\"]*\"#\"sys\":\"$2\"#" -e "s#\"id\":\"[^\"]*\"#\"id\":\"$id\"#" -e "s#\"broker\":\[[^]]*\]#\"broker\":[{\"host\":\"localhost\",\"port\":$port}]#" \
        -e "s#\"ca\":\[[^]]*\]#\"ca\":[\"$pem\"]#" "$claim" >"$1"
}

serve() { # certificate
    printf 'user %s\nlistener %s 127.0.0.1\nallow_anonymous true\ncertfile %s\nkeyfile %s\nlog_type all\nlog_dest file %s\n' \
        "$(id -un)" "$port" "$work/$1.pem" "$work/$1.key" "$work/broker.log" >"$work/mosquitto.conf"
    rm -f "$work/broker.log"
    mosquitto -c "$work/mosquitto.conf" >/dev/null 2>&1 &
    broker=$!
}

# Starts the controller and waits for its hello, or a few seconds for none.
expect() { # yes|no what options...
    want=$1
    what=$2
    shift 2
    "$controller" --data "$work/data" --hello-delay 0 --backoff-base 200 "$@" >"$work/pole.log" 2>&1 &
    pole=$!
    got=no
    tries=$([ "$want" = yes ] && echo 150 || echo 30)
    while [ "$tries" -gt 0 ] && [ "$got" = no ]; do
        if grep -q "/u/$id/hello" "$work/broker.log" 2>/dev/null; then got=yes; fi
        tries=$((tries - 1))
        sleep 0.1
    done
    kill "$pole" "$broker" 2>/dev/null || true
    wait
    pole=
    broker=
    [ "$got" = "$want" ] || fail "$what"
}

fail() { # what
    echo "not so: $1"
    cat "$work/pole.log" "$work/broker.log" || true
    exit 1
}

# It ends at once, as with any claim file that it cannot use.
refused() { # words what options...
    words=$1
    what=$2
    shift 2
    code=0
    timeout 10 "$controller" --data "$work/data" "$@" >"$work/pole.log" 2>&1 || code=$?
    [ "$code" = 78 ] && grep -qF "$words" "$work/pole.log" || fail "refused: $what"
}

jid() { # of the journal, the newest in the log
    grep -ao '"jid":"[0-9a-f]*"' "$work/data/memory.log" | tail -1 | cut -d'"' -f4
}

# Of what the old claim had brought nothing is left, but the box is the same [CLM-2b].
erased() { # old jid
    ! grep -aq "$1" "$work/data/memory.log" && [ -n "$(jid)" ] || fail "a new journal has begun"
    [ ! -e "$work/data/assets/sound" ] || fail "its sound is gone"
    [ "$("$controller" init --data "$work/data" | cut -d: -f2)" = "$id" ] || fail "the key stays"
}

begun_anew() { # old jid, where its journal lies, old sys
    erased "$1"
    left=$(ls "$2")
    case $left in "$id-$1-"*.gb1) ;; *) fail "one journal was left: $left" ;; esac
    grep -q "\"typ\":\"ev\",\"sys\":\"$3\",\"id\":\"$id\",\"x\":\"[^\"]*\",\"jid\":\"$1\"" "$2/$left" || fail "it is the old one's [USB-2]"
}

authority ours
authority theirs
certificate good localhost ours 20200101000000Z 20491231000000Z
certificate foreign localhost theirs 20200101000000Z 20491231000000Z
certificate renamed elsewhere.example ours 20200101000000Z 20491231000000Z
certificate expired localhost ours 20200101000000Z 20210101000000Z
claim_file "$work/claim.gbf" xa14 ours
claim_file "$work/other.gbf" xb15 ours

serve good
expect yes "the pinned authority lets it in" --claim "$work/claim.gbf"
serve good
expect yes "a later start needs no claim file"
serve foreign
expect no "another authority does not [CON-1]"
serve renamed
expect no "another name does not [CON-1]"
serve expired
expect yes "without the time an expired certificate does [CON-1b]"

serve good
expect yes "the kept claim may be given again" --claim "$work/claim.gbf"
claim_file "$work/newer.gbf" xa14 theirs
cp "$work/data/memory.log" "$work/before.log"
refused "claimed already (for xa14)" "another claim of the same deployment without the button [CLM-2]" --claim "$work/newer.gbf"
refused "claimed already (for xa14)" "a claim of another deployment without the button [CLM-2]" --claim "$work/other.gbf"
refused "needs --claim" "the button without a claim" --claim-button
cmp -s "$work/before.log" "$work/data/memory.log" && cmp -s "$work/claim.gbf" "$work/data/claim.gbf" || fail "a refused claim changes nothing"
serve good
expect yes "the first claim stays in force"

old=$(jid)
: >"$work/data/assets/sound"
serve foreign
expect yes "with the button it brings its authority [CLM-2]" --claim "$work/newer.gbf" --claim-button
begun_anew "$old" "$work/data/journals" xa14
serve good
expect no "and the old one is forgotten"
old=$(jid)
serve good
expect yes "one of another deployment, with a stick" --claim "$work/other.gbf" --claim-button --usb "$work/usb"
begun_anew "$old" "$work/usb/GB1/out" xa14

# The power went when the new claim was written and nothing erased yet.
old=$(jid)
: >"$work/data/assets/sound"
cp "$work/newer.gbf" "$work/data/claim.next"
serve foreign
expect yes "the next start ends what a power cut broke off"
erased "$old"
cmp -s "$work/newer.gbf" "$work/data/claim.gbf" && [ ! -e "$work/data/claim.next" ] || fail "the new claim has taken its place"
serve foreign
expect yes "the same claim with the button is no new one" --claim "$work/newer.gbf" --claim-button
[ "$(ls "$work/data/journals" | wc -l)" = 1 ] || fail "no journal was left for it"
echo "TLS and claims: all right"
