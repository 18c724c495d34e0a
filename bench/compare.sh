#!/bin/sh
# Measures the proxy and a nats-server in turn, with the same events and as many clients, and prints the ratios.
# docs/performance.md tells how to read them. Takes about five minutes, and wants an idle machine: the
# generator, its clients and what is measured share the processors.
#
#     sh bench/compare.sh [NAME...]     the measurements of those names only
set -eu
. "$(dirname "$0")/measure.sh"
need bin/astproxy bench-compare
need bin/nats-server bench-compare

configure 8ms
measure burst-100 ami --clients 100 --events 20000 --burst --baseline nats,sockets
measure burst-1000 ami --clients 1000 --events 20000 --burst --baseline nats,sockets
measure websocket-100 ws --clients 100 --events 20000 --burst --baseline nats
measure websocket-1000 ws --clients 1000 --events 20000 --burst --baseline nats
measure tls-100 tls --clients 100 --events 20000 --burst --baseline nats,sockets
measure tls-1000 tls --clients 1000 --events 20000 --burst --baseline nats,sockets
measure paced-1000 ami --clients 1000 --rate 500 --duration 4s --baseline nats,sockets
measure paced-100 ami --clients 100 --rate 500 --duration 4s --baseline nats
measure narrow-1000 ami --narrow --clients 1000 --rate 5000 --duration 4s --baseline sockets
measure unfrozen ami --clients 80 --events 20000 --burst
measure frozen ami --clients 80 --frozen 20 --events 20000 --burst
measure idle-ami ami --clients 10000 --events 0 --hold 5s
measure idle-websocket ws --clients 10000 --events 0 --hold 5s
measure ping ami --clients 0 --events 0 --ping 20000
measure pipeline ami --clients 0 --events 0 --pipeline 200000
configure 0s
measure at-once-100 ami --clients 100 --rate 500 --duration 4s --baseline nats
measure at-once-slow ami --clients 100 --rate 100 --duration 4s --baseline nats
