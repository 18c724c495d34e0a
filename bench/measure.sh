# What load.sh, compare.sh and plots.sh have in common, and source: the proxy that is measured, and how.
cd "$(dirname "$0")/.."

# need PROGRAM TARGET
need() {
	[ -x "$1" ] || { echo "$0: no $1; run 'make $2'" >&2; exit 1; }
}

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
unauthenticated_limit = 4000
[[listen]]
url = "amis://127.0.0.1:15040"
unauthenticated_limit = 4000
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

# load KIND FLAGS...
load() {
	case $1 in
	ami) port=15039 ;;
	tls) port=15040 ;;
	*) port=15041 ;;
	esac
	bin/astproxy load --listen 127.0.0.1:15038 --address "127.0.0.1:$port" --kind "$@" \
		--nats-server bin/nats-server --spawn "bin/astproxy serve -c $folder/load.toml"
}

# wanted NAME: whether the command line names it, or nothing.
names=" $* "
wanted() {
	case $names in "  " | *" $1 "*) ;; *) return 1 ;; esac
}

# measure NAME KIND FLAGS...
measure() {
	wanted "$1" || return 0
	printf '\n== %s: astproxy load --kind' "$1"
	shift
	printf ' %s' "$@"
	echo
	load "$@"
}
