#!/bin/sh
# Measures the whole path with `astproxy load`: bin/astproxy in front of a played Asterisk, and as many
# clients as each line says. docs/performance.md tells how to read it. Takes about a minute and a half, and
# wants an idle machine: the generator, its clients and the proxy share the processors.
#
#     sh bench/load.sh [NAME...]     the measurements of those names only
set -eu
. "$(dirname "$0")/measure.sh"
need bin/astproxy build

configure 8ms
measure burst-100 ami --clients 100 --events 50000 --burst --baseline sockets
measure burst-1000 ami --clients 1000 --events 10000 --burst --baseline sockets
measure paced-1000 ami --clients 1000 --rate 500 --duration 10s
measure paced-100 ami --clients 100 --rate 500 --duration 10s
measure frozen ami --clients 100 --frozen 5 --slow 5 --rate 500 --duration 10s
measure idle-1000 ami --clients 1000 --events 0 --hold 5s
measure ping ami --clients 0 --events 0 --ping 20000
measure pipeline ami --clients 0 --events 0 --pipeline 200000
