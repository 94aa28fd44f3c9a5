package prediction

// networkDaemons returns the habits of name servers, routing, VPN, time and remote access.
func networkDaemons() []habit {
	return []habit{
		{
			programs: []string{"named"}, endsOn: on("TERM INT"), survives: on("HUP USR1"),
			source: "named(8), signals", version: "9.18", known: run,
		},
		{
			programs: []string{"unbound"}, endsOn: on("TERM INT QUIT"), survives: on("HUP"),
			source: "unbound(8)", version: "1.17", known: run,
		},
		{
			programs: []string{"dnsmasq"}, endsOn: on("TERM"), survives: on("HUP INT USR1 USR2"),
			source: "dnsmasq(8), notes", version: "2.90", known: run,
		},
		{
			programs: []string{"pdns_server"}, finishesOn: on("TERM"),
			note:   "only its guardian (--guardian) handles signals",
			source: "PowerDNS/pdns pdns/auth-main.cc", known: read,
		},
		{
			programs: []string{"pdns_recursor"}, failsOn: on("TERM INT"), survives: on("USR1 USR2"),
			source: "doc.powerdns.com/recursor/running.html", version: "4.8", known: run,
		},
		{
			programs: []string{"nsd"}, endsOn: on("TERM INT QUIT"), survives: on("HUP USR1"),
			source: "nsd(8), signals", version: "4.6", known: run,
		},
		{
			programs: []string{"knotd"}, endsOn: on("TERM INT"), survives: on("HUP"),
			source: "knotd(8), signals", version: "3.2", known: run,
		},
		{
			programs: []string{"kresd"}, endsOn: on("TERM INT"), survives: on("HUP"),
			source: "knot-resolver daemon/main.c", version: "5.6", known: run,
		},
		{
			programs: []string{"coredns"}, finishesOn: on("TERM INT"), survives: on("HUP USR1"),
			note:   "with the plugin health it may wait for its lameduck time; on QUIT it ends at once",
			source: "caddyserver/caddy sigtrap_posix.go of version 1; coredns.io/plugins/reload", known: read,
		},
		{
			programs: []string{"sshd"}, endsOn: on("TERM"), failsOn: on("QUIT"), survives: on("HUP"),
			note:   "its sessions go on, until the end of PID 1",
			source: "sshd(8); sshd.c, sigterm_handler", version: "9.2", known: run,
		},
		{
			programs: []string{"dropbear"}, failsOn: on("TERM INT"),
			source: "dropbear svr-main.c", version: "2022.83", known: run,
		},
		{
			programs: []string{"chronyd"}, endsOn: on("TERM INT QUIT HUP"),
			source: "chrony main.c, signal_cleanup", version: "4.3", known: run,
		},
		{
			programs: []string{"ntpd", "ntpsec"}, endsOn: on("TERM INT QUIT"), survives: on("HUP USR1 USR2"),
			source: "ntpd(8)", version: "ntpsec 1.2", known: run,
		},
		{
			programs: []string{"busybox ntpd"}, finishesOn: on("TERM INT"),
			source: "busybox networking/ntpd.c", known: read,
		},
		{
			programs: []string{"rpcbind"}, endsOn: on("TERM INT"), survives: on("HUP"),
			source: "rpcbind src/rpcbind.c, terminate", version: "1.2.6", known: run,
		},
		{
			programs: []string{"avahi-daemon"}, endsOn: on("TERM INT"), survives: on("HUP USR1"),
			source: "avahi-daemon(8), signals", version: "0.8", known: run,
		},
		{
			programs: []string{"keepalived"}, finishesOn: on("TERM INT"), survives: on("HUP USR1 USR2"),
			source: "keepalived(8)", version: "2.2", known: run,
		},
		{
			programs: []string{"bird", "bird6"}, endsOn: on("TERM"), survives: on("HUP USR1"),
			source: "bird(8), signals", version: "2.0", known: run,
		},
		{
			programs: []string{"zebra", "bgpd", "ospfd", "ospf6d", "ripd", "isisd", "staticd"}, finishesOn: on("TERM INT"), survives: on("HUP USR1"),
			source: "docs.frrouting.org, common daemon signals", version: "bgpd 8.4", known: run,
		},
		{
			programs: []string{"freeradius", "radiusd"}, endsOn: on("TERM"), failsOn: on("INT QUIT"), survives: on("HUP"),
			source: "radiusd(8); src/main/radiusd.c, sig_fatal", version: "3.2", known: run,
		},
		{
			programs: []string{"openvpn"}, endsOn: on("TERM INT"), survives: on("HUP USR1 USR2"),
			source: "openvpn(8), signals", version: "2.6", known: run,
		},
		{
			programs: []string{"charon"}, finishesOn: on("TERM INT"), survives: on("HUP"),
			source: "strongswan src/charon/charon.c", known: read,
		},
		{
			programs: []string{"tor"}, endsOn: on("TERM"), finishesOn: on("INT"), survives: on("HUP USR1 USR2"),
			note:   "a relay waits 30 s on INT",
			source: "tor(1), signals", version: "0.4.9", known: run,
		},
		{
			programs: []string{"lldpd"}, endsOn: on("TERM INT"), survives: on("HUP USR1"),
			source: "lldpd src/daemon/lldpd.c", version: "1.0.16", known: run,
		},
		{
			programs: []string{"gpsd"}, idleEndsOn: on("TERM INT QUIT"), survives: on("HUP"),
			source: "gpsd(8)", version: "3.22", known: run,
		},
		{
			programs: []string{"dhcpd"}, finishesOn: on("TERM INT"),
			source: "isc-dhcp server/dhcpd.c", known: read,
		},
		{
			programs: []string{"kea-dhcp4", "kea-dhcp6", "kea-ctrl-agent", "kea-dhcp-ddns"}, endsOn: on("TERM INT"), survives: on("HUP"),
			source: "kea.readthedocs.io, starting and stopping the server", version: "kea-dhcp4 2.2", known: run,
		},
		{
			programs: []string{"hostapd", "wpa_supplicant"}, finishesOn: on("TERM INT"), survives: on("HUP USR1"),
			source: "hostap src/utils/eloop.c", known: read,
		},
		{
			programs: []string{"radvd"}, finishesOn: on("TERM INT"), survives: on("HUP USR1"),
			source: "radvd(8)", known: documented,
		},
		{
			programs: []string{"kamailio"}, finishesOn: on("TERM INT"), survives: on("HUP USR1 USR2"),
			source: "kamailio(8); src/main.c, handle_sigs", version: "5.6", known: run,
		},
		{
			programs: []string{"asterisk"}, finishesOn: on("TERM INT"), survives: on("HUP"),
			source: "asterisk main/asterisk.c, quit_handler", known: read,
		},
	}
}
