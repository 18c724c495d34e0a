#!/bin/sh
# Measures the proxy and a nats-server in turn, with the same events and as many clients, and prints the ratios.
# docs/performance.md tells how to read them. Takes about five minutes, and wants an idle machine: the
# generator, its clients and what is measured share the processors.
#
#     sh bench/compare.sh [NAME...]     the measurements of those names only
set -eu
cd "$(dirname "$0")/.."
for need in bin/astproxy bin/nats-server; do
	[ -x "$need" ] || { echo "bench/compare.sh: no $need; run 'make bench-compare'" >&2; exit 1; }
done

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# configure FLUSH_INTERVAL
configure() {
	cat >"$folder/load.toml" <<TOML
state = "$folder"
[log]
level = "error"
[events]
flush_interval = "$1"
[[server]]
name = "load"
address = "127.0.0.1:15038"
username = "load"
secret = "load"
[[listen]]
url = "ami://127.0.0.1:15039"
unauthenticated_limit = 2000
[[listen]]
url = "amis://127.0.0.1:15040"
unauthenticated_limit = 2000
[[listen]]
url = "http://127.0.0.1:15041"
connection_limit = 20000
[[user]]
name = "load"
secret = "load"
read = ["all"]
write = ["all"]
admin = true
TOML
}

wanted=" $* "
# measure NAME PORT FLAGS...
measure() {
	name=$1 port=$2
	shift 2
	[ "$wanted" = "  " ] || case $wanted in *" $name "*) ;; *) return 0 ;; esac
	printf '\n== %s: astproxy load %s\n' "$name" "$*"
	bin/astproxy load --listen 127.0.0.1:15038 --address "127.0.0.1:$port" --nats-server bin/nats-server \
		--spawn "bin/astproxy serve -c $folder/load.toml" "$@"
}

configure 5ms
measure burst-100 15039 --clients 100 --events 20000 --burst --baseline nats,sockets
measure burst-1000 15039 --clients 1000 --events 20000 --burst --baseline nats,sockets
measure websocket-100 15041 --kind ws --clients 100 --events 20000 --burst --baseline nats
measure websocket-1000 15041 --kind ws --clients 1000 --events 20000 --burst --baseline nats
measure tls-100 15040 --kind tls --clients 100 --events 20000 --burst --baseline nats
measure tls-1000 15040 --kind tls --clients 1000 --events 20000 --burst --baseline nats
measure paced-1000 15039 --clients 1000 --rate 500 --duration 4s --baseline nats
measure paced-100 15039 --clients 100 --rate 500 --duration 4s --baseline nats
measure narrow-1000 15039 --narrow --clients 1000 --rate 5000 --duration 4s
measure unfrozen 15039 --clients 80 --events 20000 --burst
measure frozen 15039 --clients 80 --frozen 20 --events 20000 --burst
measure idle-ami 15039 --clients 10000 --events 0 --hold 5s
measure idle-websocket 15041 --kind ws --clients 10000 --events 0 --hold 5s
measure ping 15039 --clients 0 --events 0 --ping 20000
measure pipeline 15039 --clients 0 --events 0 --pipeline 200000
configure 0s
measure at-once-100 15039 --clients 100 --rate 500 --duration 4s --baseline nats
measure at-once-slow 15039 --clients 100 --rate 100 --duration 4s --baseline nats
