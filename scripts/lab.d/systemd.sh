# Makes the guest with systemd as init. scripts/lab sources this file after image.sh, to replace image_key and make_image.
# shellcheck shell=bash disable=SC2154 # repo and guest_packages are set in lib.sh and image.sh

image_key() {
	(cd "$repo/scripts" && cat lab.d/image.sh lab.d/systemd.sh lab.d/guest/* lab.d/systemd/* images.d/debian.sh && echo "$1") | sha256sum | cut -c1-16
}

# make_image ENGINE DIR makes the same files. The engine is called like its Debian suite, with -systemd appended.
make_image() {
	local engine=$1 dir=$2 root=$2/root
	apt_install xz-utils cpio e2fsprogs openssh-client
	debian_extract "${engine%-systemd}" "$root" "${guest_packages[@]}" docker-cli systemd systemd-sysv dbus podman crun \
		dpkg diffutils init-system-helpers perl-base

	say "making the $engine disk"
	copy_kernel "$root" "$dir"
	make_initrd "$root" "$dir"
	settle "$root" "$engine"
	settle_systemd "$root" "$engine"
	make_keys "$root" "$dir"
	(cd "$root" && rm -rf boot/* usr/lib/{modules,udev,firmware} usr/{lib,share}/perl var/cache/apt var/lib/apt)
	make_disks "$root" "$dir"
}

# settle_systemd ROOT ENGINE replaces the busybox init of settle with systemd. On forky, Docker keeps images in containerd, as Docker
# 29 does by default.
settle_systemd() {
	local root=$1 engine=$2 units=$1/usr/lib/systemd
	echo 'messagebus:x:102:102::/nonexistent:/bin/false' >>"$root/etc/passwd"
	echo 'messagebus:x:102:' >>"$root/etc/group"
	# Without a machine id, systemd treats each boot as the first.
	tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
	rm "$root"/etc/inittab "$root"/lab/{boot,dockerd,in,init,poweroff}
	ln -s /usr/lib/systemd/systemd "$root/lab/init"
	install -m 755 "$repo/scripts/lab.d/systemd/poweroff" "$root/lab/poweroff"

	# Only these units start. The rest would take an emulated machine minutes.
	rm -rf "$units"/system/*.wants "$units"/system-generators
	mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
	ln -s /usr/lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"
	local unit
	for unit in lab ssh containerd docker; do
		install -m 644 "$repo/scripts/lab.d/systemd/$unit.service" "$root/etc/systemd/system/$unit.service"
		ln -s "../$unit.service" "$root/etc/systemd/system/multi-user.target.wants/$unit.service"
	done
	if [ "$engine" = forky-systemd ]; then
		sed -i 's/--storage-driver=overlay2/--storage-driver=overlayfs --feature containerd-snapshotter=true/' "$root/etc/systemd/system/docker.service"
	fi
}
