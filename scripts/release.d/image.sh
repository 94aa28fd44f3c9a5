# Makes the image of the swarm stack. Sourced by scripts/release.
# shellcheck shell=bash disable=SC2154 # repo, version, to, goarch and binary are set there

# make_image makes an archive for docker load: haltscope, a docker client, and the programs in scripts/watch.d/image. It needs
# no engine and no registry.
make_image() {
	local work root id file=$to/haltscope-watch_${version}_$goarch.tar
	[ "$goarch" = "$(go env GOHOSTARCH)" ] || die "the image contains Debian programs of this machine's architecture, not of $goarch"
	. "$repo/scripts/images.d/debian.sh"
	work=$(mktemp -d)
	# shellcheck disable=SC2064 # expand the path now
	trap "rm -rf '$work'" RETURN
	root=$work/root
	debian_extract trixie "$root" docker-cli busybox-static
	say "making ${file##*/}"
	(cd "$root" && rm -rf dev etc tmp var usr/share usr/lib/*/gconv)
	ln -s usr/bin usr/lib "$root/"
	[ ! -d "$root/usr/lib64" ] || ln -s usr/lib64 "$root/"
	local applet
	for applet in sh cat kill mkfifo; do ln -s busybox "$root/usr/bin/$applet"; done
	install -m 755 "$binary" "$root/usr/bin/haltscope"
	install -m 755 "$repo"/scripts/watch.d/image/{launch,watcher} "$root/"

	mkdir "$work/archive"
	tar --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner -C "$root" -cf "$work/archive/layer.tar" .
	id=$(sha256sum "$work/archive/layer.tar" | cut -d' ' -f1)
	cat >"$work/archive/config.json" <<-END_
		{"architecture":"$goarch","os":"linux","created":"$(date -ud "@$epoch" +%Y-%m-%dT%H:%M:%SZ)",
		 "config":{"Entrypoint":["/launch"],"Env":["PATH=/usr/bin"],"Labels":{"org.opencontainers.image.title":"haltscope watch","org.opencontainers.image.version":"$version"}},
		 "rootfs":{"type":"layers","diff_ids":["sha256:$id"]}}
	END_
	echo '[{"Config":"config.json","RepoTags":["haltscope/watch:latest"],"Layers":["layer.tar"]}]' >"$work/archive/manifest.json"
	tar --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner -C "$work/archive" -cf "$file" .
	install -m 644 "$repo/scripts/watch.d/stack.yml" "$to/"
}
