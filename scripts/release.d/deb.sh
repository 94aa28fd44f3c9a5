# Makes the Debian package. Sourced by scripts/release.
# shellcheck shell=bash disable=SC2154 # repo, version, epoch, packer, binary, goarch and deb are set there

# debian_arch prints Debian's name for the target architecture.
debian_arch() {
	case $goarch in
	arm) echo armhf ;;
	386) echo i386 ;;
	ppc64le) echo ppc64el ;;
	*) echo "$goarch" ;;
	esac
}

make_deb() {
	local root tool page
	command -v dpkg-deb >/dev/null || die "there is no dpkg-deb: make the package on Debian or Ubuntu"
	say "making ${deb##*/}"
	root=$(mktemp -d)
	# shellcheck disable=SC2064 # expand the path now
	trap "rm -rf '$root'" RETURN
	chmod 755 "$root"

	put "$binary" usr/bin/haltscope 755
	# Under this name it is a plugin of the docker command.
	install -d -m 755 "$root/usr/libexec/docker/cli-plugins"
	ln -s ../../../bin/haltscope "$root/usr/libexec/docker/cli-plugins/docker-haltscope"
	put "$repo/scripts/watch.d/haltscope-watch.service" usr/lib/systemd/system/haltscope-watch.service
	put "$repo/scripts/watch.d/stack.yml" usr/share/doc/haltscope/examples/stack.yml
	put "$repo/README.md" usr/share/doc/haltscope/README.md
	put "$repo/README.zh-CN.md" usr/share/doc/haltscope/README.zh-CN.md
	put "$repo/scripts/release.d/lintian-overrides" usr/share/lintian/overrides/haltscope

	tool=$binary
	if [ "$goarch" != "$(go env GOHOSTARCH)" ]; then
		tool=$root/tool
		compile "$(go env GOHOSTARCH)" "$tool"
	fi
	generate usr/share/bash-completion/completions/haltscope completion bash
	generate usr/share/zsh/vendor-completions/_haltscope completion zsh
	generate usr/share/fish/vendor_completions.d/haltscope.fish completion fish
	for page in "$repo"/compare/cli/manual/*.md; do
		page=$(basename "$page" .md)
		generate "usr/share/man/man1/$page.1" man "${page#haltscope-}"
	done
	rm -f "$root/tool"

	copyright >"$root/copyright"
	put "$root/copyright" usr/share/doc/haltscope/copyright
	changelog >"$root/changelog"
	put "$root/changelog" usr/share/doc/haltscope/changelog
	rm "$root/copyright" "$root/changelog"
	# -n: without a name and a time in the header.
	gzip -9n "$root"/usr/share/doc/haltscope/{README.md,README.zh-CN.md,changelog} "$root"/usr/share/man/man1/*.1

	control
	find "$root" -newermt "@$epoch" -exec touch --no-dereference --date="@$epoch" {} +
	dpkg-deb --root-owner-group --threads-max=1 -Zxz --build "$root" "$deb" >/dev/null
}

# put FILE PATH [MODE] copies a file into the package, with that mode.
put() { install -D -m "${3:-644}" "$1" "$root/$2" && chmod 755 "$root/${2%/*}"; }

# generate PATH ARGS... puts the output of haltscope ARGS... into the package.
generate() {
	local path=$1
	shift
	env -i "PATH=$PATH" "$tool" "$@" >"$root/output" || die "haltscope $* failed; the package needs its output as $path"
	[ -s "$root/output" ] || die "haltscope $* wrote nothing; the package needs its output as $path"
	put "$root/output" "$path"
	rm "$root/output"
}

changelog() {
	printf 'haltscope (%s) unstable; urgency=medium\n\n  * Version %s.\n\n -- %s  %s\n' "$version" "$version" "$packer" "$(LC_ALL=C date -uRd "@$epoch")"
}

# copyright prints the licenses of Go's library and of the modules that are linked into the executable. Most of them require
# that they are passed on.
copyright() {
	local path at dir
	cat <<-'END_'
		Copyright The haltscope authors

		Apache License, version 2.0: see /usr/share/common-licenses/Apache-2.0

		The executable is linked with the following works.
	END_
	license "the Go standard library and runtime" "$(go env GOVERSION)" "$(go env GOROOT)"
	(cd "$repo" && GOOS=linux GOARCH=$goarch go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' .) | LC_ALL=C sort -u >"$root/modules"
	while read -r path at dir; do
		license "$path" "$at" "$dir"
	done <"$root/modules"
	rm "$root/modules"
}

# license WORK VERSION DIR prints the license of a work.
license() {
	local file found=
	printf '\n%s\n%s, %s\n' "------------------------------------------------------------------------" "$1" "$2"
	for file in "$3"/{LICENSE,LICENCE,COPYING,NOTICE}*; do
		[ -f "$file" ] || continue
		found=1
		echo
		# Every Debian machine has the text of this license.
		if grep -q 'Apache License' "$file" && grep -q 'Version 2.0, January 2004' "$file"; then
			echo 'Apache License, version 2.0: see /usr/share/common-licenses/Apache-2.0'
		else
			cat "$file"
		fi
	done
	[ -n "$found" ] || die "$1 $2 has no license in $3"
}

# control makes the package's control files.
control() {
	local script
	install -d -m 755 "$root/DEBIAN"
	for script in postinst prerm postrm; do
		install -m 755 "$repo/scripts/release.d/$script" "$root/DEBIAN/$script"
	done
	(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
	sed -e "s/@version@/$version/; s/@arch@/$(debian_arch)/; s/@packer@/$packer/" \
		-e "s/@size@/$(cd "$root" && find usr -type f -printf '%s\n' | awk '{ sum += int(($1 + 1023) / 1024) } END { print sum }')/" \
		"$repo/scripts/release.d/control" >"$root/DEBIAN/control"
	chmod 644 "$root/DEBIAN/md5sums" "$root/DEBIAN/control"
}
