package prediction

import "time"

// milterStops is how long a filter that libmilter runs takes to stop: its threads look for that every few seconds. Source: sendmail
// libmilter/listener.c, MI_CHK_TIME.
const milterStops = 5 * time.Second

// mailAndFiles returns the habits of servers of mail, files, media and chat.
func mailAndFiles() []habit {
	return []habit{
		{
			programs: []string{"master"}, endsOn: on("TERM"), survives: on("HUP"),
			text:   "postfix's master ends at once on TERM, with its whole process group; on HUP it reads its configuration again",
			source: "master(8)", version: "3.7", known: run,
		},
		{
			programs: []string{"dovecot"}, endsOn: on("TERM INT"), survives: on("HUP USR1 USR2"),
			source: "doc.dovecot.org, process signals", version: "2.3", known: run,
		},
		{
			programs: []string{"exim4", "exim"}, finishesOn: on("TERM"), survives: on("HUP USR1"),
			source: "exim.org, specification, ch. 5, -bd; src/daemon.c", known: documented,
		},
		{
			programs: []string{"opendkim", "opendmarc"}, limitOn: on("TERM INT HUP"), limit: milterStops, survives: on("USR1"),
			source: "opendkim(8), signals", version: "2.11", known: run,
		},
		{
			programs: []string{"rspamd"}, finishesOn: on("TERM INT"), survives: on("HUP USR1 USR2"),
			source: "rspamd src/rspamd.c", known: read,
		},
		{
			programs: []string{"clamd"}, finishesOn: on("TERM INT"), survives: on("HUP USR2"),
			source: "clamd(8), signals", known: documented,
		},
		{
			programs: []string{"proftpd"}, endsOn: on("TERM"), survives: on("HUP USR1"),
			source: "proftpd.org/docs/howto/Stopping.html", version: "1.3.8", known: run,
		},
		{
			programs: []string{"vsftpd"}, survives: on("HUP"),
			source: "vsftpd standalone.c", version: "3.0.3", known: run,
		},
		{
			programs: []string{"pure-ftpd*"}, finishesOn: on("TERM"),
			source: "pure-ftpd(8); src/ftpd.c", known: read,
		},
		{
			programs: []string{"rsync"}, endsOn: on("TERM"), failsOn: on("INT HUP"),
			source: "rsync(1), exit values; rsync main.c, cleanup.c", version: "3.2.7", known: run,
		},
		{
			programs: []string{"smbd"}, endsOn: on("TERM"), survives: on("HUP USR1"),
			source: "smbd(8), signals", version: "4.17", known: run,
		},
		{
			programs: []string{"nmbd"}, seldomOn: on("TERM"), survives: on("HUP USR1"),
			note:   "without a network interface it waits for one, and does not end",
			source: "nmbd(8), signals", version: "4.17", known: run,
		},
		{
			programs: []string{"in.tftpd"}, endsOn: on("TERM"), survives: on("HUP"),
			source: "tftpd(8)", version: "5.2", known: run,
		},
		{
			programs: []string{"nbd-server"}, drainsOn: on("TERM"), survives: on("HUP USR1"),
			source: "nbd-server(1)", version: "3.24", known: run,
		},
		{
			programs: []string{"minidlnad"}, endsOn: on("TERM INT"), survives: on("HUP USR1"),
			source: "minidlnad(1)", version: "1.3", known: run,
		},
		{
			programs: []string{"icecast2", "icecast"}, endsOn: on("TERM INT QUIT"), survives: on("HUP"),
			source: "icecast src/sighandler.c", version: "2.4", known: run,
		},
		{
			programs: []string{"mpd"}, endsOn: on("TERM INT"), survives: on("HUP"),
			source: "mpd(1); src/unix/SignalHandlers.cxx", version: "0.23", known: run,
		},
		{
			programs: []string{"transmission-da*", "transmission-daemon"}, finishesOn: on("TERM INT"), survives: on("HUP"),
			source: "transmission-daemon(1)", version: "3.00", known: run,
		},
		{
			programs: []string{"inspircd"}, failsOn: on("TERM"), survives: on("HUP"),
			source: "docs.inspircd.org, signals", version: "3.15", known: run,
		},
		{
			programs: []string{"ngircd"}, endsOn: on("TERM INT QUIT"), survives: on("HUP"),
			source: "ngircd(8), signals", version: "26.1", known: run,
		},
		{
			programs: []string{"znc"}, finishesOn: on("TERM INT QUIT"), survives: on("HUP USR1"),
			note:   "its exit code is the number of the signal",
			source: "znc(1); znc src/main.cpp", known: read,
		},
	}
}
