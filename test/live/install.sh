#!/bin/sh
# Installs what the tests of WebSocket and server-sent events drive: a browser and
# node as Debian has them, and ws (npm) in a folder of the user's cache.
#
# What is there already stays, and then nothing is said; two runs at the same time
# do no harm. Exit codes: 0 installed, 1 the installation failed, 3 it cannot be
# done on this machine (no root, no apt-get).
#
#   ASTPROXY_TEST_CACHE    where to install; default $XDG_CACHE_HOME/astproxy-test
#                          or $HOME/.cache/astproxy-test
set -eu

ws=8.18.3 # of npm

say() { printf 'live clients: %s\n' "$*" >&2; }

cannot() {
	say "cannot be installed here: $*"
	exit 3
}

has() { command -v "$1" >/dev/null; }
has_ws() { grep -q "\"version\": \"$ws\"" "$cache/ws/node_modules/ws/package.json" 2>/dev/null; }

# The Debian packages of what is missing. npm is only needed to install.
missing_packages() {
	has chromium || echo chromium
	has node || echo nodejs
	has_ws || has npm || echo npm
}

install_packages() {
	[ "$(id -u)" = 0 ] || cannot "apt-get needs root to install $*"
	has apt-get || cannot "there is no apt-get to install $*"
	say "installing $*"
	apt-get update -q >&2 || say "apt-get update failed, trying with the package lists there are"
	DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "$@" >&2
}

# The folder is made under another name and renamed when complete, so that half of
# it is never taken for the whole.
install_ws() {
	say "installing ws $ws in $cache/ws"
	rm -rf "$cache"/.ws.* # of an installation that was broken off
	folder=$(mktemp -d "$cache/.ws.XXXXXX")
	# A package.json of its own keeps npm from looking for one further up.
	echo '{"private": true}' >"$folder/package.json"
	if ! npm install --prefix "$folder" --no-save --no-package-lock --no-audit --no-fund --ignore-scripts "ws@$ws" >&2; then
		rm -rf "$folder"
		exit 1
	fi
	rm -rf "$cache/ws"
	mv -T "$folder" "$cache/ws"
}

cache=${ASTPROXY_TEST_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/astproxy-test}
mkdir -p "$cache" || cannot "$cache cannot be made"
cache=$(cd "$cache" && pwd -P)

exec 9>"$cache/live.lock"
flock 9
packages=$(missing_packages)
# shellcheck disable=SC2086 # a list of words
[ -z "$packages" ] || install_packages $packages
has_ws || install_ws

packages=$(missing_packages)
[ -z "$packages" ] || {
	say "still missing after the installation:" $packages
	exit 1
}
