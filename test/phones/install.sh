#!/bin/sh
# Installs what plays the phones of tests: sipp, as Debian has it in sip-tester.
#
# What is there already stays, and then nothing is said. Exit codes: 0 installed, 1 the
# installation failed, 3 it cannot be done on this machine (no root, no apt-get).
set -eu

say() { printf 'phones: %s\n' "$*" >&2; }

cannot() {
	say "cannot be installed here: $*"
	exit 3
}

has() { command -v "$1" >/dev/null; }

has sipp && exit 0
[ "$(id -u)" = 0 ] || cannot "apt-get needs root to install sip-tester"
has apt-get || cannot "there is no apt-get to install sip-tester"
say "installing sip-tester"
apt-get update -q >&2 || say "apt-get update failed, trying with the package lists there are"
DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends sip-tester >&2
has sipp || {
	say "sipp is still missing after the installation"
	exit 1
}
