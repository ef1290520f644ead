#!/usr/bin/env bash
# How many times its size a file costs that comes in blocks while 30 % of them are lost, 15 % come twice and 15 % change places;
# 1.6 times are allowed.
#
#   src/bench/blocks.sh [embedded|mosquitto] [java] [c]
#
# What it prints and needs: see kit.sh.
exec "$(dirname "$0")/kit.sh" blk Blocks.thirtyPercentLossDuplicatesAndDisorderAreOvercome "$@"
