# Shared by the scripts beside it: sourced, never run. Debian and Ubuntu.
# shellcheck shell=bash disable=SC2034 # state is used by the scripts that source this

set -euo pipefail

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# What is expensive to make and safe to keep: toolchain, images, the lab's disks.
cache=${HALTSCOPE_CACHE:-/var/cache/haltscope}
# What belongs to one boot: pid files, sockets, logs.
state=${HALTSCOPE_STATE:-/run/haltscope}

say() { printf '%s\n' "${0##*/}: $*" >&2; }
die() { say "$*"; exit 1; }

# as_root SCRIPT ARGS... runs the script again through sudo unless this is root already.
as_root() {
	[ "$(id -u)" -eq 0 ] && return
	command -v sudo >/dev/null || die "needs root, and there is no sudo here: run it as root"
	local keep=HALTSCOPE_CACHE,HALTSCOPE_STATE,HALTSCOPE_BIN,HALTSCOPE_IMAGES,HALTSCOPE_DEBIAN_MIRROR
	keep+=,HALTSCOPE_TEST_LIMIT,HALTSCOPE_FUZZ,HALTSCOPE_HABIT,HALTSCOPE_DOCKER_TIMEOUT,HALTSCOPE_LAB_ACCEL,HALTSCOPE_LAB_TIMEOUT,HALTSCOPE_RELEASE,HALTSCOPE_VERSION,SOURCE_DATE_EPOCH,DEBFULLNAME,DEBEMAIL,GOPROXY,GOSUMDB,GOFLAGS,CI,http_proxy,https_proxy,no_proxy
	exec sudo --preserve-env="$keep" -- "$@"
}

# apt_install PACKAGE... installs those that are not there yet. Where that fails, apt's lists may be old, or not there, or
# dpkg was interrupted: it is tried again with new ones, and once dpkg has done what it was at.
apt_install() {
	local missing=() p
	for p in "$@"; do
		dpkg-query -W -f '${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed || missing+=("$p")
	done
	[ ${#missing[@]} -eq 0 ] && return
	command -v apt-get >/dev/null || die "cannot install ${missing[*]}: no apt-get here (Debian and Ubuntu only); install them by hand"
	say "installing ${missing[*]}"
	local log
	log=$(mktemp)
	# One at a time: tests on this machine and in the lab may both want some.
	if ! { flock -w 1200 9 && { apt_get "${missing[@]}" || { DEBIAN_FRONTEND=noninteractive dpkg --configure -a && apt-get -q update && apt_get "${missing[@]}"; }; }; } >"$log" 2>&1 </dev/null 9>/run/lock/haltscope-apt; then
		tail -n 30 "$log" >&2
		rm -f "$log"
		die "apt-get could not install ${missing[*]}: its last words are above"
	fi
	rm -f "$log"
}

apt_get() { DEBIAN_FRONTEND=noninteractive apt-get -qy -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@"; }

# docker is the client, with a deadline for each call: an engine that hangs must not hang what waits for it. What the
# binary itself is asked for is `type -P docker`.
docker() { timeout --foreground --kill-after=10 "${HALTSCOPE_DOCKER_TIMEOUT:-300}" docker "$@"; }

# started_at PID: when the process started, in clock ticks since boot; with the pid it names a process for good. Field
# 22 of /proc/PID/stat; the command name before it may hold spaces, so count from its closing bracket.
started_at() { sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# gone PID STARTED SECONDS waits until the process that had begun at that time is gone.
gone() {
	for _ in $(seq "$(($3 * 10))"); do
		[ "$(started_at "$1")" = "$2" ] || return 0
		# A zombie has ended: its parent is whoever called, and may not have asked yet.
		! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null || return 0
		sleep 0.1
	done
	return 1
}

# version_ge A B: is version A at least B?
version_ge() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# ensure_go puts a Go toolchain that can build this module first on PATH. A distribution's Go may be too old for
# go.mod; any Go that knows modules can fetch a newer toolchain as a module, checked against the checksum database.
#
# It says how Go builds, too: in one way whatever is built, for what is compiled another way is compiled once more. Static,
# for the twin's image is made from the executable, and the labs have no libraries; without paths of this machine; and
# without what git says, which refuses a checkout of another user's, as this is under sudo.
ensure_go() {
	local want have dir
	want=$(awk '$1 == "go" { print $2; exit }' "$repo/go.mod")
	[ -d /usr/local/go/bin ] && PATH=$PATH:/usr/local/go/bin
	command -v go >/dev/null || apt_install golang-go ca-certificates
	have=$(cd / && GOTOOLCHAIN=local go env GOVERSION) && have=${have#go}
	if ! version_ge "$have" "$want"; then
		dir=$cache/go$want
		if [ ! -x "$dir/bin/go" ]; then
			say "this machine's Go is $have, the module needs $want: fetching it as a module"
			local told from
			told=$(cd / && GOTOOLCHAIN=local GOFLAGS=-modcacherw go mod download -json "golang.org/toolchain@v0.0.1-go$want.linux-$(go env GOARCH)" 2>&1) || true
			from=$(sed -n 's/^\t"Dir": "\(.*\)",$/\1/p' <<<"$told")
			[ -d "$from" ] || die "Go $want could not be fetched as a module: $told"$'\n'"install Go $want or newer by hand, and run again"
			mkdir -p "$cache"
			rm -rf "$dir.part"
			cp -R "$from" "$dir.part"
			chmod -R u+w,a+rX "$dir.part"
			# A module carries no execute bits.
			chmod +x "$dir.part/bin/"* "$dir.part/pkg/tool/"*/*
			mv "$dir.part" "$dir"
		fi
		export GOROOT=$dir
		PATH=$dir/bin:$PATH
	fi
	export PATH CGO_ENABLED=0
	[[ ${GOFLAGS:-} == *' -trimpath -buildvcs=false' ]] || GOFLAGS="$(cd / && go env GOFLAGS) -trimpath -buildvcs=false"
	export GOFLAGS
}

# build_haltscope FILE builds the executable, and tells it which commit it is of.
build_haltscope() {
	ensure_go
	local commit
	commit=$(git -c safe.directory="$repo" -C "$repo" rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
	say "building haltscope"
	(cd "$repo" && go build -ldflags "-X main.version=devel-$commit" -o "$1" .)
}

# build_test FILE PACKAGE compiles the tests of a package below compare/acceptance, which is a module of its own.
build_test() { go -C "$repo/compare/acceptance" test -c -o "$1" "$2"; }
