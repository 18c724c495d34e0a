#!/bin/sh
# Measures the whole path with `astproxy load`: bin/astproxy in front of a played Asterisk, and as many
# clients as each line says. docs/performance.md tells how to read it. Takes about a minute and a half, and
# wants an idle machine: the generator, its clients and the proxy share the processors.
#
#     sh bench/load.sh [NAME...]     the measurements of those names only
set -eu
cd "$(dirname "$0")/.."
[ -x bin/astproxy ] || { echo "bench/load.sh: no bin/astproxy; run 'make build' first" >&2; exit 1; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/load.toml" <<TOML
state = "$folder"
[log]
level = "error"
[[server]]
name = "load"
address = "127.0.0.1:15038"
username = "load"
secret = "load"
[[listen]]
url = "ami://127.0.0.1:15039"
unauthenticated_limit = 2000
[[user]]
name = "load"
secret = "load"
read = ["all"]
write = ["all"]
TOML

wanted=" $* "
measure() {
	name=$1
	shift
	[ "$wanted" = "  " ] || case $wanted in *" $name "*) ;; *) return 0 ;; esac
	printf '\n== %s: astproxy load %s\n' "$name" "$*"
	bin/astproxy load --listen 127.0.0.1:15038 --address 127.0.0.1:15039 \
		--spawn "bin/astproxy serve -c $folder/load.toml" "$@"
}

measure burst-100 --clients 100 --events 50000 --burst --baseline sockets
measure burst-1000 --clients 1000 --events 10000 --burst --baseline sockets
measure paced-1000 --clients 1000 --rate 500 --duration 10s
measure paced-100 --clients 100 --rate 500 --duration 10s
measure frozen --clients 100 --frozen 5 --slow 5 --rate 500 --duration 10s
measure idle-1000 --clients 1000 --events 0 --hold 5s
measure ping --clients 0 --events 0 --ping 20000
measure pipeline --clients 0 --events 0 --pipeline 200000
