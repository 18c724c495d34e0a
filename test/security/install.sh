#!/bin/sh
# Installs what the tests of TLS need besides Go: openssl from Debian, and pebble (an authority that
# speaks ACME, for tests) built from the module proxy into the cache folder of test/asterisk.
#
#   ASTPROXY_TEST_CACHE    where to install; default $XDG_CACHE_HOME/astproxy-test
#                          or $HOME/.cache/astproxy-test
set -eu

pebble=v2.10.1

cache=${ASTPROXY_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/astproxy-test}
say() { printf 'security: %s\n' "$*" >&2; }

if ! command -v openssl >/dev/null; then
	say "installing openssl"
	apt-get update -q >&2 || say "apt-get update failed, trying with the package lists there are"
	DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends openssl >&2
fi
folder=$cache/pebble-$pebble
if [ ! -x "$folder/pebble-challtestsrv" ]; then
	say "building pebble $pebble in $folder"
	mkdir -p "$folder"
	# The one that the line above looks for comes last.
	GOBIN=$folder GOFLAGS=-mod=mod go install "github.com/letsencrypt/pebble/v2/cmd/pebble@$pebble" >&2
	GOBIN=$folder GOFLAGS=-mod=mod go install "github.com/letsencrypt/pebble/v2/cmd/pebble-challtestsrv@$pebble" >&2
fi
