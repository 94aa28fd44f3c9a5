# The Debian package: sourced by scripts/release, never run.
# shellcheck shell=bash disable=SC2154 # repo, version, epoch, packer, binary, goarch and deb are its own

# debian_arch prints Debian's name of the architecture that is built for.
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
	command -v dpkg-deb >/dev/null || die "there is no dpkg-deb here: the package is made on Debian and Ubuntu"
	say "making ${deb##*/}"
	root=$(mktemp -d)
	# shellcheck disable=SC2064 # the path of now
	trap "rm -rf '$root'" RETURN
	chmod 755 "$root"

	put "$binary" usr/bin/haltscope 755
	# Called by that name, it is a plugin of the docker command.
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
	told usr/share/bash-completion/completions/haltscope completion bash
	told usr/share/zsh/vendor-completions/_haltscope completion zsh
	told usr/share/fish/vendor_completions.d/haltscope.fish completion fish
	for page in "$repo"/compare/cli/manual/*.md; do
		page=$(basename "$page" .md)
		told "usr/share/man/man1/$page.1" man "${page#haltscope-}"
	done
	rm -f "$root/tool"

	copyright >"$root/copyright"
	put "$root/copyright" usr/share/doc/haltscope/copyright
	changelog >"$root/changelog"
	put "$root/changelog" usr/share/doc/haltscope/changelog
	rm "$root/copyright" "$root/changelog"
	# Without a name and a time of its own in it.
	gzip -9n "$root"/usr/share/doc/haltscope/{README.md,README.zh-CN.md,changelog} "$root"/usr/share/man/man1/*.1

	control
	find "$root" -newermt "@$epoch" -exec touch --no-dereference --date="@$epoch" {} +
	dpkg-deb --root-owner-group --threads-max=1 -Zxz --build "$root" "$deb" >/dev/null
}

# put FILE PATH [MODE] puts a file into the package, whatever mode it has here.
put() { install -D -m "${3:-644}" "$1" "$root/$2" && chmod 755 "$root/${2%/*}"; }

# told PATH ARGS... puts in what haltscope says of itself.
told() {
	local path=$1
	shift
	env -i "PATH=$PATH" "$tool" "$@" >"$root/told" || die "haltscope $* failed: what it writes belongs into the package, as $path"
	[ -s "$root/told" ] || die "haltscope $* wrote nothing: it belongs into the package, as $path"
	put "$root/told" "$path"
	rm "$root/told"
}

changelog() {
	printf 'haltscope (%s) unstable; urgency=medium\n\n  * Version %s.\n\n -- %s  %s\n' "$version" "$version" "$packer" "$(LC_ALL=C date -uRd "@$epoch")"
}

# copyright tells whose works are in the executable: Go's library and modules are linked into it, and most licences want
# to be passed on.
copyright() {
	local path at dir
	cat <<-'END_'
		Copyright The haltscope authors

		Apache License, version 2.0: see /usr/share/common-licenses/Apache-2.0

		Its executable is linked with the following works.
	END_
	licence "the Go standard library and runtime" "$(go env GOVERSION)" "$(go env GOROOT)"
	(cd "$repo" && GOOS=linux GOARCH=$goarch go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' .) | LC_ALL=C sort -u >"$root/modules"
	while read -r path at dir; do
		licence "$path" "$at" "$dir"
	done <"$root/modules"
	rm "$root/modules"
}

# licence WORK VERSION DIR
licence() {
	local file found=
	printf '\n%s\n%s, %s\n' "------------------------------------------------------------------------" "$1" "$2"
	for file in "$3"/{LICENSE,LICENCE,COPYING,NOTICE}*; do
		[ -f "$file" ] || continue
		found=1
		echo
		# Debian has the text of this one on every machine.
		if grep -q 'Apache License' "$file" && grep -q 'Version 2.0, January 2004' "$file"; then
			echo 'Apache License, version 2.0: see /usr/share/common-licenses/Apache-2.0'
		else
			cat "$file"
		fi
	done
	[ -n "$found" ] || die "$1 $2 has no licence in $3 that could be passed on"
}

# control makes what dpkg is told.
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
