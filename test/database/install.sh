#!/bin/sh
# Installs PostgreSQL's server as Debian has it, for tests that start one of their own. The cluster that the
# package makes is not started, and not used.
#
# What is there already stays, and then nothing is said. Exit codes: 0 installed, 1 the
# installation failed, 3 it cannot be done on this machine (no root, no apt-get).
set -eu

say() { printf 'database: %s\n' "$*" >&2; }

cannot() {
	say "cannot be installed here: $*"
	exit 3
}

installed() { command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }

installed && exit 0
[ "$(id -u)" = 0 ] || cannot "apt-get needs root to install postgresql"
command -v apt-get >/dev/null || cannot "there is no apt-get to install postgresql"
say "installing postgresql"
apt-get update -q >&2 || say "apt-get update failed, trying with the package lists there are"
mkdir -p /etc/postgresql-common
[ -e /etc/postgresql-common/createcluster.conf ] ||
	echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends postgresql >&2
installed || {
	say "initdb is still missing after the installation"
	exit 1
}
