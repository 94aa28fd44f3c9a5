# Debian packages without a registry: sourced by scripts/images and scripts/lab, never run.
# shellcheck shell=bash

# debian_mirror prints where this machine's apt gets Debian from. It prints nothing where apt knows no Debian
# (Ubuntu): mmdebstrap then takes its own default. HALTSCOPE_DEBIAN_MIRROR overrides both.
debian_mirror() {
	if [ -n "${HALTSCOPE_DEBIAN_MIRROR:-}" ]; then
		echo "$HALTSCOPE_DEBIAN_MIRROR"
		return
	fi
	local mirror
	mirror=$(apt_mirror)
	# Before its first update, apt does not know whose packages its sources hold.
	[ -n "$mirror" ] || { flock -w 1200 9 && apt-get -q update >/dev/null 2>&1 && mirror=$(apt_mirror); } 9>/run/lock/haltscope-apt || true
	echo "$mirror"
}

apt_mirror() {
	# shellcheck disable=SC2016 # apt-get fills these in
	apt-get indextargets --format '$(ORIGIN)/$(LABEL) $(REPO_URI)' 'Created-By: Packages' |
		sed -n 's,^Debian/Debian ,,p' | sed -n 1p
}

# debian_extract SUITE DIR PACKAGE... unpacks the packages and all they depend on into DIR. No maintainer script runs.
debian_extract() {
	local suite=$1 dir=$2 log mirror
	shift 2
	apt_install mmdebstrap debian-archive-keyring
	log=$dir.log
	mkdir -p "${dir%/*}"
	rm -rf "$dir"
	mirror=$(debian_mirror)
	# What this machine's apt was told about reaching its mirror (a proxy, retries, a frozen snapshot's dates) holds here too.
	apt-config dump | grep -E '^Acquire::(Check-|https?::Proxy|Retries)' >"$dir.apt" || true
	say "unpacking Debian $suite's $* from ${mirror:-the default mirror of mmdebstrap}"
	# shellcheck disable=SC2086 # no mirror is no argument
	if ! mmdebstrap --mode=root --variant=extract --include="$*" --aptopt="$dir.apt" \
		--aptopt='Acquire::Languages "none"' "$suite" "$dir" $mirror >"$log" 2>&1 </dev/null; then
		tail -n 20 "$log" >&2
		die "mmdebstrap could not unpack $* of Debian $suite: its last words are above; is the mirror within reach? HALTSCOPE_DEBIAN_MIRROR names another"
	fi
	rm -rf "$log" "$dir.apt" "$dir"/usr/share/{doc,info,lintian,locale,man}
}
