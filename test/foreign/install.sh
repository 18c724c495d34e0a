#!/bin/sh
# Installs the manager clients of others that the tests drive: panoramisk (Python)
# and Telephony::Asterisk::AMI (Perl) as Debian has them, and asterisk-manager
# (npm) in a folder of the user's cache.
#
# What is there already stays, and then nothing is said; two runs at the same time
# do no harm. Exit codes: 0 installed, 1 the installation failed, 3 it cannot be
# done on this machine (no root, no apt-get).
#
#   ASTPROXY_TEST_CACHE    where to install; default $XDG_CACHE_HOME/astproxy-test
#                          or $HOME/.cache/astproxy-test
set -eu

asterisk_manager=0.2.0 # of npm

say() { printf 'foreign clients: %s\n' "$*" >&2; }

cannot() {
	say "cannot be installed here: $*"
	exit 3
}

has_panoramisk() { /usr/bin/python3 -c 'import panoramisk' 2>/dev/null; }
has_perl_ami() { /usr/bin/perl -MTelephony::Asterisk::AMI -MJSON::PP -e 1 2>/dev/null; }
has_node() { command -v node >/dev/null; }
has_npm() { command -v npm >/dev/null; }
has_asterisk_manager() {
	grep -q "\"version\": \"$asterisk_manager\"" \
		"$cache/asterisk-manager/node_modules/asterisk-manager/package.json" 2>/dev/null
}

# The Debian packages of what is missing. npm is only needed to install.
missing_packages() {
	has_panoramisk || echo python3-panoramisk
	has_perl_ami || echo libtelephony-asterisk-ami-perl
	has_node || echo nodejs
	has_asterisk_manager || has_npm || echo npm
}

install_packages() {
	[ "$(id -u)" = 0 ] || cannot "apt-get needs root to install $*"
	command -v apt-get >/dev/null || cannot "there is no apt-get to install $*"
	say "installing $*"
	apt-get update -q >&2 || say "apt-get update failed, trying with the package lists there are"
	DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "$@" >&2
}

# The folder is made under another name and renamed when complete, so that half of
# it is never taken for the whole.
install_asterisk_manager() {
	say "installing asterisk-manager $asterisk_manager in $cache/asterisk-manager"
	rm -rf "$cache"/.asterisk-manager.* # of an installation that was broken off
	folder=$(mktemp -d "$cache/.asterisk-manager.XXXXXX")
	# A package.json of its own keeps npm from looking for one further up.
	echo '{"private": true}' >"$folder/package.json"
	if ! npm install --prefix "$folder" --no-save --no-package-lock --no-audit --no-fund --ignore-scripts \
		"asterisk-manager@$asterisk_manager" >&2; then
		rm -rf "$folder"
		exit 1
	fi
	rm -rf "$cache/asterisk-manager"
	mv -T "$folder" "$cache/asterisk-manager"
}

cache=${ASTPROXY_TEST_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/astproxy-test}
mkdir -p "$cache" || cannot "$cache cannot be made"
cache=$(cd "$cache" && pwd -P)

exec 9>"$cache/foreign.lock"
flock 9
packages=$(missing_packages)
# shellcheck disable=SC2086 # a list of words
[ -z "$packages" ] || install_packages $packages
has_asterisk_manager || install_asterisk_manager

packages=$(missing_packages)
[ -z "$packages" ] || {
	say "still missing after the installation:" $packages
	exit 1
}
