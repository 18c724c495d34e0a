#!/bin/sh
# Installs the Asterisks the tests run: a Debian system with Asterisk in it for
# each version, in a folder of the user's cache.
#
#   install.sh [22] [16]      both when none is named
#
# What is there already stays; two runs at the same time do no harm. Exit codes:
# 0 installed, 1 the installation failed, 2 wrong arguments, 3 it cannot be done
# on this machine (no root, no debootstrap).
#
#   ASTPROXY_TEST_CACHE    where to install; default $XDG_CACHE_HOME/astproxy-test
#                          or $HOME/.cache/astproxy-test
#   ASTPROXY_TEST_MIRROR   a Debian mirror; default is debootstrap's own
set -eu

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# A change of what a finished installation holds needs a new number here: an
# older one is then made again.
stamp_content=1

say() { printf 'asterisk-%s: %s\n' "${version:-install}" "$*" >&2; }

cannot() {
	say "cannot be installed here: $*"
	exit 3
}

# The suite a version comes from.
suite_of() {
	case $1 in
	22) echo sid ;;
	16) echo bullseye ;;
	*)
		say "unknown version '$1', known are 22 and 16"
		exit 2
		;;
	esac
}

# The packages of a version. Since 18 the voicemail is part of asterisk-modules.
packages_of() {
	case $1 in
	16) echo asterisk,asterisk-modules,asterisk-config,procps,asterisk-voicemail ;;
	*) echo asterisk,asterisk-modules,asterisk-config,procps ;;
	esac
}

installed() { [ "$(cat "$cache/asterisk-$1/.installed" 2>/dev/null)" = "$stamp_content" ]; }

# Removes a system tree with what debootstrap may have left mounted in it; never
# goes across a mount that could not be undone.
discard() {
	[ -d "$1" ] || return 0
	awk -v tree="$1/" 'index($5, tree) == 1 {print $5}' /proc/self/mountinfo | sort -r |
		while read -r mounted; do umount -l "$mounted" || true; done
	rm -rf --one-file-system "$1"
}

# Gets debootstrap and what it needs to check Debian's signature.
prepare() {
	[ "$(id -u)" = 0 ] || cannot "it needs root, for chroot; run it as root or in a container"
	command -v flock >/dev/null || cannot "flock is missing; it is in the package util-linux"
	if ! have_tools; then
		command -v apt-get >/dev/null ||
			cannot "debootstrap, gpgv or Debian's keyring is missing and there is no apt-get to get it;" \
				"install debootstrap, gpgv and debian-archive-keyring by hand"
		say "installing debootstrap"
		apt-get update >&2 || say "apt-get update failed, trying with the package lists there are"
		DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
			debootstrap gpgv debian-archive-keyring >&2 ||
			cannot "apt-get could not install debootstrap, gpgv and debian-archive-keyring"
		have_tools || cannot "debootstrap, gpgv or $keyring is still missing"
	fi
	for version in "$@"; do
		suite=$(suite_of "$version")
		[ -e "/usr/share/debootstrap/scripts/$suite" ] ||
			cannot "this debootstrap does not know Debian's $suite; update debootstrap"
	done
	version=
}

have_tools() {
	command -v debootstrap >/dev/null && [ -e "$keyring" ] &&
		{ command -v gpgv >/dev/null || command -v sqv >/dev/null; }
}

# Installs one version, unless it is there. The tree is made under another name
# and renamed when complete, so that half of one is never taken for the whole.
install_version() {
	version=$1
	exec 9>"$cache/asterisk-$version.lock"
	flock -n 9 || { say "another installation is at work, waiting for it" && flock 9; }
	if installed "$version"; then
		say "is installed in $cache/asterisk-$version"
		return 0
	fi
	for leftover in "$cache/.asterisk-$version."*; do discard "$leftover"; done

	suite=$(suite_of "$version")
	tree=$(mktemp -d "$cache/.asterisk-$version.XXXXXX")
	chmod 755 "$tree"
	log=$cache/asterisk-$version.log
	say "installing from Debian's $suite, about two minutes; log: $log"
	# The lock must not be inherited: a process that outlives debootstrap would hold it.
	if ! debootstrap --variant=minbase --force-check-gpg --keyring="$keyring" \
		--include="$(packages_of "$version")" \
		"$suite" "$tree" ${ASTPROXY_TEST_MIRROR:+"$ASTPROXY_TEST_MIRROR"} >"$log" 2>&1 9>&-; then
		say "debootstrap failed; the end of $log:"
		tail -n 20 "$log" >&2
		if [ -e "$tree/debootstrap/debootstrap.log" ]; then
			tail -n 20 "$tree/debootstrap/debootstrap.log" | tee -a "$log" >&2
		fi
		discard "$tree"
		exit 1
	fi
	found=$(chroot "$tree" asterisk -V 2>&1) || true
	case $found in
	"Asterisk $version."*) ;;
	*)
		say "Debian's $suite has no Asterisk $version but: $found"
		discard "$tree"
		exit 1
		;;
	esac
	rm -f "$tree"/var/cache/apt/archives/*.deb "$tree"/var/lib/apt/lists/*_*
	echo "$stamp_content" >"$tree/.installed"
	discard "$cache/asterisk-$version"
	mv -T "$tree" "$cache/asterisk-$version"
	say "$found is installed in $cache/asterisk-$version"
}

version=
[ $# -gt 0 ] || set -- 22 16
for wanted in "$@"; do suite_of "$wanted" >/dev/null; done

cache=${ASTPROXY_TEST_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/astproxy-test}
mkdir -p "$cache" || cannot "$cache cannot be made"
cache=$(cd "$cache" && pwd -P)

missing=
for wanted in "$@"; do
	installed "$wanted" || missing="$missing $wanted"
done
# shellcheck disable=SC2086 # a list of words
[ -z "$missing" ] || (
	exec 8>"$cache/prepare.lock"
	flock 8 2>/dev/null || true # its absence is reported by prepare
	prepare $missing 8>&-
)

processes=
for wanted in "$@"; do
	(install_version "$wanted") &
	processes="$processes $!"
done
result=0
for process in $processes; do
	wait "$process" || result=$?
done
exit "$result"
