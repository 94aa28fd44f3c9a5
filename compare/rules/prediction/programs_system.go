package prediction

func systemDaemons() []habit {
	return []habit{
		{
			programs: []string{"rsyslogd"}, finishesOn: on("TERM INT QUIT"), survives: on("HUP USR1"),
			source: "rsyslogd(8), signals", version: "8.2302", known: run,
		},
		{
			programs: []string{"syslog-ng"}, finishesOn: on("TERM INT"), survives: on("HUP USR1"),
			source: "syslog-ng(8); syslog-ng lib/mainloop.c", version: "3.38", known: run,
		},
		{
			programs: []string{"cron"}, survives: on("HUP USR1"),
			source: "cron(8)", version: "3.0", known: run,
		},
		{
			programs: []string{"crond"}, finishesOn: on("TERM INT"), survives: on("HUP USR1"),
			source: "cronie src/cron.c", known: read,
		},
		{
			programs: []string{"atd"}, endsOn: on("TERM INT"), survives: on("HUP"),
			source: "at atd.c", version: "3.2", known: run,
		},
		{
			programs: []string{"dbus-daemon"}, endsOn: on("TERM"), survives: on("HUP"),
			source: "dbus-daemon(1)", version: "1.14", known: run,
		},
		{
			programs: []string{"xinetd"}, endsOn: on("TERM QUIT"), survives: on("HUP USR1 USR2 IO"),
			source: "xinetd(8), controlling xinetd", version: "2.3.15", known: run,
		},
		{
			programs: []string{"inetd"}, endsOn: on("TERM INT"), survives: on("HUP"),
			source: "inetd(8)", version: "openbsd-inetd 20221205", known: run,
		},
		{
			programs: []string{"ulogd"}, finishesOn: on("TERM INT"), survives: on("HUP USR1 USR2"),
			source: "ulogd(8)", known: documented,
		},
		{
			programs: []string{"auditd"}, finishesOn: on("TERM"), survives: on("HUP USR1 USR2 CONT"),
			source: "auditd(8), signals", known: documented,
		},
		{
			programs: []string{"systemd-journald"}, finishesOn: on("TERM INT"), survives: on("USR1 USR2"),
			source: "systemd-journald.service(8), signals", known: documented,
		},
		{
			programs: []string{"smartd"}, endsOn: on("TERM"), failsOn: on("INT"), survives: on("HUP USR1"),
			source: "smartd(8)", version: "7.3", known: run,
		},
		{
			programs: []string{"acpid"}, endsOn: on("TERM INT"), survives: on("HUP"),
			source: "acpid(8)", version: "2.0.33", known: run,
		},
		{
			programs: []string{"dockerd"}, finishesOn: on("TERM INT"), survives: on("HUP USR1"),
			note:   "it gives its containers their grace first, or 15 s",
			source: "docs.docker.com/reference/cli/dockerd; moby daemon/command/trap", known: documented,
		},
		{
			programs: []string{"containerd"}, finishesOn: on("TERM INT"), survives: on("USR1"),
			source: "containerd cmd/containerd/command/main_unix.go", known: read,
		},
		{
			programs: []string{"busybox syslogd"}, endsOn: on("TERM INT"),
			source: "busybox sysklogd/syslogd.c", version: "1.35", known: run,
		},
		{
			programs: []string{"busybox udhcpd"}, finishesOn: on("TERM"), survives: on("USR1"),
			source: "busybox networking/udhcp/dhcpd.c", known: read,
		},
		{
			programs: []string{"Xvfb", "Xorg", "Xvnc", "Xtigervnc"}, endsOn: on("TERM INT"), survives: on("HUP"),
			note:   "on HUP it closes all connections and starts again",
			source: "Xserver(1), signals", version: "21.1", known: run,
		},
		{
			programs: []string{"tmux*"}, endsOn: on("TERM INT"), survives: on("HUP USR1"),
			source: "tmux server.c, server_signal", version: "3.3a", known: run,
		},
		{
			programs: []string{"screen"}, failsOn: on("TERM"), survives: on("HUP INT"),
			source: "screen(1); screen.c", version: "4.9", known: run,
		},
	}
}
