#!/usr/bin/env bash
# How long after its release an emergency sounds while 3.6 MB go through the same 64 kbit/s link, by HTTP and by blocks over MQTT:
# three emergencies each, from the server's publishing to the first sample let out; 2 s are allowed.
#
#   src/bench/slow-link.sh [embedded|mosquitto] [java] [c]
#
# What it prints and needs: see kit.sh.
exec "$(dirname "$0")/kit.sh" core,blk \
  CoreLink.anEmergencyPassesATransferOverASlowLink,CoreLink.anEmergencyPassesBlocksOverASlowLink "$@"
