package prediction

// tools returns the habits of programs that run until somebody ends them.
func tools() []habit {
	return []habit{
		{
			programs: []string{"socat*"}, endsOn: on("TERM INT HUP QUIT"), survives: on("USR1"),
			note:   "its exit code is 128 + the signal",
			source: "socat(1), signals", version: "1.7.4", known: run,
		},
		{
			programs: []string{"stress-ng*"}, finishesOn: on("TERM INT HUP"), survives: on("ALRM"),
			source: "stress-ng(1)", version: "0.15", known: run,
		},
		{
			programs: []string{"iperf3"}, failsOn: on("TERM INT HUP"),
			source: "esnet/iperf src/main.c, sigend_handler", version: "3.12", known: run,
		},
		{
			programs: []string{"ser2net"}, finishesOn: on("TERM INT"), survives: on("HUP"),
			note:   "its exit code is 1",
			source: "ser2net(8); cminyard/ser2net ser2net.c", known: read,
		},
		{
			programs: []string{"ffmpeg"}, finishesOn: on("TERM INT"),
			note:   "it completes its output, and its exit code is 255",
			source: "ffmpeg fftools/ffmpeg.c, sigterm_handler", known: read,
		},
		{
			programs: []string{"tcpdump", "dumpcap"}, endsOn: on("TERM INT"), survives: on("USR1 USR2"),
			source: "tcpdump(1)", version: "4.99", known: run,
		},
		{
			programs: []string{"rclone", "restic"}, finishesOn: on("INT"),
			source: "rclone.org/docs, exit code; restic internal/cleanup", known: read,
		},
		{
			programs: []string{"gitea", "forgejo"}, finishesOn: on("TERM INT"), survives: on("USR1"),
			note:   "its requests get GRACEFUL_HAMMER_TIME to end; on HUP another process takes its place",
			source: "docs.gitea.com, cheat sheet, GRACEFUL_HAMMER_TIME", known: documented,
		},
	}
}
