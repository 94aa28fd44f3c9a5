# Makes the lab's disk, kernel and initramfs. scripts/lab sources this file; do not run it.
# shellcheck shell=bash disable=SC2154 # repo and cache are set in lib.sh

# The packages of all guests; their dependencies come with them. No maintainer script runs: settle does that work.
# tiny-initramfs replaces a larger generator of the same kind.
guest_packages=(base-files bash coreutils dash findutils grep gzip kmod libc-bin mawk mount ncurses-base procps sed tar util-linux busybox-static
	openssh-server linux-image-cloud-amd64 tiny-initramfs docker.io)
# For the disk, its file system, containers and the network card. The rest is built into the kernel.
guest_modules=(virtio_pci virtio_blk ext4 overlay virtio_net unix_diag)

# image_key ENGINE prints a checksum of the image's sources.
image_key() {
	(cd "$repo/scripts" && cat lab.d/image.sh lab.d/guest/* images.d/debian.sh && echo "$1") | sha256sum | cut -c1-16
}

# make_image ENGINE DIR makes root.img, swap.img, vmlinuz, initrd, key and known_hosts in DIR.
make_image() {
	local engine=$1 dir=$2 root=$2/root packages=("${guest_packages[@]}")
	apt_install xz-utils cpio e2fsprogs openssh-client
	case $engine in
	bookworm) packages+=(usr-is-merged) ;; # replaces usrmerge, which needs all of Perl
	forky) packages+=(docker-cli docker-compose podman crun) ;;
	*) packages+=(docker-cli) ;; # a separate package from Debian 13 on
	esac
	debian_extract "$engine" "$root" "${packages[@]}"

	say "making the $engine disk"
	copy_kernel "$root" "$dir"
	make_initrd "$root" "$dir"
	settle "$root" "$engine"
	make_keys "$root" "$dir"
	# The guest needs none of these, and they make the disk larger.
	(cd "$root" && rm -rf boot/* {usr/,}lib/{modules,udev,firmware,systemd} usr/{lib,share}/perl var/cache/apt var/lib/apt)

	make_disks "$root" "$dir"
}

# kernel_version ROOT prints the version of the only kernel in ROOT.
kernel_version() { (cd "$1/lib/modules" && echo *); }

# copy_kernel ROOT DIR copies the kernel. From Linux 7 on, Debian keeps it beside its modules.
copy_kernel() {
	local root=$1 dir=$2 version file
	version=$(kernel_version "$root")
	for file in "$root/boot/vmlinuz-$version" "$root/usr/lib/modules/$version/vmlinuz"; do
		[ ! -f "$file" ] || { cp "$file" "$dir/vmlinuz" && return; }
	done
	die "there is no kernel $version in $root/boot or $root/usr/lib/modules/$version"
}

# make_disks ROOT DIR makes root.img and swap.img. The root has no journal, because it is discarded after each boot.
make_disks() {
	truncate -s 6G "$2/root.img"
	mke2fs -q -t ext4 -O ^has_journal -E nodiscard,lazy_itable_init=1 -m 0 -d "$1" "$2/root.img" ||
		die "mke2fs could not make $2/root.img from $1: is there space under $cache?"
	truncate -s 1G "$2/swap.img"
	mkswap -q "$2/swap.img" 2>/dev/null || mkswap "$2/swap.img" >/dev/null
	rm -rf "$1"
}

# make_initrd ROOT DIR makes an initramfs of busybox and the modules, in the order in which they depend on each other.
make_initrd() {
	local root=$1 dir=$2 initrd=$2/initramfs version modules n=0
	version=$(kernel_version "$root")
	mkdir -p "$initrd"/{bin,dev,modules,root}
	cp "$root/bin/busybox" "$initrd/bin/"
	install -m 755 "$repo/scripts/lab.d/guest/initramfs" "$initrd/init"
	chroot "$root" depmod "$version"
	modules=$(chroot "$root" modprobe -S "$version" --show-depends -a "${guest_modules[@]}" | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++')
	local module
	for module in $modules; do
		n=$((n + 1)) module=$root$module
		# busybox insmod cannot read xz, and decompression is slow in an emulated machine.
		case $module in
		*.xz) xz -dc "$module" ;;
		*) cat "$module" ;;
		esac >"$initrd/modules/$(printf %02d $n).ko"
	done
	(cd "$initrd" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet) >"$dir/initrd"
	rm -rf "$initrd"
}

# settle ROOT ENGINE does the work of the packages' maintainer scripts.
settle() {
	local root=$1 engine=$2 file
	mkdir -p "$root"/{dev,proc,sys,run,tmp,root,etc/ssh,var/tmp,var/log,usr/local/bin,opt,lab}
	cat >"$root/etc/passwd" <<-'END'
		root:x:0:0:root:/root:/bin/bash
		www-data:x:33:33:www-data:/var/www:/bin/false
		sshd:x:100:65534::/run/sshd:/bin/false
		nobody:x:65534:65534:nobody:/nonexistent:/bin/false
	END
	printf '%s\n' root:x:0: tty:x:5: docker:x:101: www-data:x:33: nogroup:x:65534: >"$root/etc/group"
	echo "lab-$engine" >"$root/etc/hostname"
	echo "127.0.0.1 localhost lab-$engine" >"$root/etc/hosts"
	: >"$root/etc/resolv.conf"
	: >"$root/var/log/lastlog"
	printf '%s: files\n' passwd group shadow hosts >"$root/etc/nsswitch.conf"
	[ -e "$root/usr/bin/awk" ] || ln -s mawk "$root/usr/bin/awk"
	chroot "$root" ldconfig
	rm -rf "$root/var/run"
	ln -s /run "$root/var/run"
	cp "$repo/scripts/lab.d/guest/sshd_config" "$root/etc/ssh/sshd_config"
	cp "$repo/scripts/lab.d/guest/inittab" "$root/etc/inittab"
	# As dockerd configures a containerd that it starts itself: Kubernetes' part takes long to start.
	mkdir -p "$root/etc/containerd"
	printf 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n' >"$root/etc/containerd/config.toml"
	for file in boot in dockerd run; do
		install -m 755 "$repo/scripts/lab.d/guest/$file" "$root/lab/$file"
	done
	for file in init ifconfig poweroff; do
		ln -s /bin/busybox "$root/lab/$file"
	done
}

# make_keys ROOT DIR makes the guest's ssh keys: DIR/key logs in, and DIR/known_hosts identifies the guest.
make_keys() {
	local root=$1 dir=$2
	ssh-keygen -q -t ed25519 -N '' -C haltscope-lab -f "$dir/key"
	ssh-keygen -q -t ed25519 -N '' -C haltscope-lab -f "$root/etc/ssh/ssh_host_ed25519_key"
	mkdir "$root/root/.ssh"
	mv "$dir/key.pub" "$root/root/.ssh/authorized_keys"
	echo "haltscope-lab $(cut -d' ' -f1,2 "$root/etc/ssh/ssh_host_ed25519_key.pub")" >"$dir/known_hosts"
}
