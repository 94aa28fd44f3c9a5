# Functions that all scripts share. Source this file; do not run it. For Debian and Ubuntu.
# shellcheck shell=bash disable=SC2034 # state is used by the scripts that source this

set -euo pipefail

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Expensive to make and safe to keep: the toolchain, images, the lab's disks.
cache=${HALTSCOPE_CACHE:-/var/cache/haltscope}
# Valid until the next boot: pid files, sockets, logs.
state=${HALTSCOPE_STATE:-/run/haltscope}

say() { printf '%s\n' "${0##*/}: $*" >&2; }
die() { say "$*"; exit 1; }

# as_root SCRIPT ARGS... runs the script again through sudo, unless it already runs as root.
as_root() {
	[ "$(id -u)" -eq 0 ] && return
	command -v sudo >/dev/null || die "needs root, and there is no sudo here: run it as root"
	local keep=HALTSCOPE_CACHE,HALTSCOPE_STATE,HALTSCOPE_BIN,HALTSCOPE_IMAGES,HALTSCOPE_DEBIAN_MIRROR
	keep+=,HALTSCOPE_TEST_LIMIT,HALTSCOPE_FUZZ,HALTSCOPE_HABIT,HALTSCOPE_DOCKER_TIMEOUT,HALTSCOPE_LAB_ACCEL,HALTSCOPE_LAB_TIMEOUT,HALTSCOPE_RELEASE,HALTSCOPE_VERSION,SOURCE_DATE_EPOCH,DEBFULLNAME,DEBEMAIL,GOPROXY,GOSUMDB,GOFLAGS,CI,http_proxy,https_proxy,no_proxy
	exec sudo --preserve-env="$keep" -- "$@"
}

# apt_install PACKAGE... installs the packages that are missing. If that fails, apt's lists may be old or missing, or dpkg was
# interrupted: it lets dpkg finish, updates the lists and tries once more.
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
	# One at a time: tests on this machine and in the lab may install packages concurrently.
	if ! { flock -w 1200 9 && { apt_get "${missing[@]}" || { DEBIAN_FRONTEND=noninteractive dpkg --configure -a && apt-get -q update && apt_get "${missing[@]}"; }; }; } >"$log" 2>&1 </dev/null 9>/run/lock/haltscope-apt; then
		tail -n 30 "$log" >&2
		rm -f "$log"
		die "apt-get could not install ${missing[*]}: its last lines are above"
	fi
	rm -f "$log"
}

apt_get() { DEBIAN_FRONTEND=noninteractive apt-get -qy -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@"; }

# docker runs the client with a deadline, so that an engine that hangs does not hang the script. `type -P docker` finds the
# binary itself.
docker() { timeout --foreground --kill-after=10 "${HALTSCOPE_DOCKER_TIMEOUT:-300}" docker "$@"; }

# started_at PID prints when a process started, in clock ticks since boot. The pid and the start time together identify a
# process. This is field 22 of /proc/PID/stat; the command name may contain spaces, so fields count from its closing bracket.
started_at() { sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# gone PID STARTED SECONDS waits until the process with that pid and start time has ended.
gone() {
	for _ in $(seq "$(($3 * 10))"); do
		[ "$(started_at "$1")" = "$2" ] || return 0
		# A zombie has ended; its parent has not waited for it yet.
		! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null || return 0
		sleep 0.1
	done
	return 1
}

# version_ge A B succeeds if version A is at least B.
version_ge() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# ensure_go puts a Go toolchain that can build this module first on PATH. A distribution's Go may be too old for go.mod, but
# any Go with modules can download a newer toolchain as a module, verified by the checksum database.
#
# It also sets Go's build flags, the same ones for everything, so that no package is compiled twice: static, because the
# image of the twins contains only the executable, and the labs have no libraries; without paths of this machine; and without
# git's version, because git refuses a checkout that belongs to another user, as this one does under sudo.
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
			local answer from
			answer=$(cd / && GOTOOLCHAIN=local GOFLAGS=-modcacherw go mod download -json "golang.org/toolchain@v0.0.1-go$want.linux-$(go env GOARCH)" 2>&1) || true
			from=$(sed -n 's/^\t"Dir": "\(.*\)",$/\1/p' <<<"$answer")
			[ -d "$from" ] || die "Go $want could not be fetched as a module: $answer"$'\n'"install Go $want or newer by hand, and run again"
			mkdir -p "$cache"
			rm -rf "$dir.part"
			cp -R "$from" "$dir.part"
			chmod -R u+w,a+rX "$dir.part"
			# Files in a module are not executable.
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

# build_haltscope FILE builds the executable, with the commit in its version.
build_haltscope() {
	ensure_go
	local commit
	commit=$(git -c safe.directory="$repo" -C "$repo" rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
	say "building haltscope"
	(cd "$repo" && go build -ldflags "-X main.version=devel-$commit" -o "$1" .)
}

# build_test FILE PACKAGE compiles the tests of a package below compare/acceptance, which is a separate module.
build_test() { go -C "$repo/compare/acceptance" test -c -o "$1" "$2"; }
