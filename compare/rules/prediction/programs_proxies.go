package prediction

import "time"

func proxies() []habit {
	return []habit{
		{
			programs: []string{"haproxy"}, endsOn: on("TERM INT"), drainsOn: on("USR1"), survives: on("HUP USR2 QUIT TTIN TTOU"),
			note:   "on QUIT it prints its memory pools, on HUP its servers, and as a master it reloads",
			source: "docs.haproxy.org/2.6/management.html, 4. stopping and restarting", version: "2.6", known: run,
		},
		{
			programs: []string{"varnishd"}, endsOn: on("TERM INT"),
			source: "varnish bin/varnishd/mgt/mgt_main.c", version: "7.1", known: run,
		},
		{
			programs: []string{"squid", "(squid-1)"}, slowOn: on("TERM"), slow: 30 * time.Second, endsOn: on("INT"),
			survives: on("HUP USR1 USR2"),
			note:     "the time is its shutdown_lifetime",
			source:   "squid(8); squid-cache.org/Doc/config/shutdown_lifetime", version: "5.7", known: run,
		},
		{
			programs: []string{"hitch"}, endsOn: on("TERM INT"), survives: on("HUP"),
			source: "hitch(8)", version: "1.7", known: run,
		},
		{
			programs: []string{"stunnel*"}, endsOn: on("TERM INT QUIT"), survives: on("HUP USR1 USR2"),
			source: "stunnel(8), signals", version: "5.68", known: run,
		},
		{
			programs: []string{"tinyproxy"}, endsOn: on("TERM INT"), survives: on("HUP USR1"),
			source: "tinyproxy(8), signals", version: "1.11", known: run,
		},
		{
			programs: []string{"privoxy"}, failsOn: on("TERM INT"), survives: on("HUP"),
			note:   "its exit code is the number of the signal",
			source: "privoxy(8), signals; jcc.c, sig_handler", version: "3.0.34", known: run,
		},
		{
			programs: []string{"nutcracker"}, failsOn: on("INT"), survives: on("HUP USR1 USR2 TTIN TTOU"),
			source: "twitter/twemproxy src/nc_signal.c", version: "0.5", known: run,
		},
		{
			programs: []string{"sslh*"}, failsOn: on("TERM"),
			source: "yrutschle/sslh common.c", version: "1.20", known: run,
		},
		{
			programs: []string{"envoy"}, endsOn: on("TERM INT"), survives: on("HUP USR1"),
			source: "envoy source/server/server.cc; envoyproxy.io/docs, hot restarter", known: documented,
		},
		{
			programs: []string{"traefik"}, limitOn: on("TERM INT"), limit: 10 * time.Second, survives: on("USR1"),
			source: "doc.traefik.io/traefik/routing/entrypoints, lifeCycle.graceTimeOut", known: documented,
		},
		{
			programs: []string{"dnsdist"}, finishesOn: on("TERM"),
			source: "PowerDNS/pdns pdns/dnsdistdist/dnsdist.cc", known: read,
		},
		{
			programs: []string{"coturn", "turnserver"}, finishesOn: on("TERM INT"), survives: on("HUP USR1 USR2"),
			source: "turnserver(1)", version: "4.6", known: run,
		},
	}
}
