#!/bin/sh
# Measures what the plots of docs/performance.md show, puts it into bench/results and draws docs/plots. Takes about
# ten minutes, and wants an idle machine: the generator, its clients and what is measured share the processors.
#
#     sh bench/plots.sh [NAME...]     the results of those names only: clients, filters, matcher, flush
#     ROUNDS=1 sh bench/plots.sh      one round instead of three, of which the plots show the median
set -eu
. "$(dirname "$0")/measure.sh"
need bin/astproxy bench-plots
need bin/nats-server bench-plots

# point RESULT LINE KIND FLAGS...
point() {
	wanted "$1" || return 0
	printf '%4ds  %s: %s' $(($(date +%s) - began)) "$1" "$2"
	{
		printf '{"file": "%s", "line": "%s", "flush_interval": "%s", "report": ' "$1" "$2" "$flush"
		shift 2
		load "$@" --json --timeout 2m
		echo '}'
	} >>"$folder/reports"
	printf ' %s' "$@"
	echo
}

# events CLIENTS: so many that there are some million deliveries, within what the proxy keeps in memory.
events() {
	count=$((3000000 / $1))
	[ "$count" -le 100000 ] || count=100000
	[ "$count" -ge 1000 ] || count=1000
	echo "$count"
}

burst() {
	for clients in 1 10 30 100 300 1000 3000; do
		set -- --clients "$clients" --events "$(events "$clients")" --burst
		point clients AMI ami "$@" --baseline nats,sockets
		point clients 'WebSocket, JSON' ws "$@"
		point clients 'AMI over TLS' tls "$@"
	done
}

filters() {
	for clients in 1 10 30 100 300 1000; do
		set -- --clients "$clients" --rate 5000 --duration 2s
		point filters 'each a filter' ami --narrow "$@"
		point filters 'no filters' ami "$@"
	done
}

paced() {
	set -- --rate 500 --duration 3s
	point flush '100 clients' ami --clients 100 "$@"
	point flush '1,000 clients' ami --clients 1000 "$@"
}

rounds=${ROUNDS:-3}
began=$(date +%s)
: >"$folder/reports"
: >"$folder/benchmarks"
for _ in $(seq "$rounds"); do
	flush= # its default
	configure 8ms
	burst
	filters
	for flush in 0s 8ms 20ms; do
		configure "$flush"
		paced
	done
done
if wanted matcher; then
	go test -run '^$' -bench UsersWithAFilterEach -cpu 1 -benchtime 20000x -count "$rounds" ./proxy | tee "$folder/benchmarks"
fi
go -C bench/plots run . -reports "$folder/reports" -benchmarks "$folder/benchmarks"
