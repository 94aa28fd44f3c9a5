package prediction

import "time"

// apacheKills is how long apache waits for its children on TERM before it sends SIGKILL to them: it asks after 16 ms, 82 ms, 344 ms,
// 1.4 s, 4.2 s and 3 s more. With one request in flight 10.45 s were measured. Source: httpd server/mpm_unix.c,
// ap_reclaim_child_processes.
const apacheKills = 10500 * time.Millisecond

func webServers() []habit {
	return []habit{
		{
			programs: []string{"nginx", "angie", "freenginx", "openresty"},
			endsOn:   on("TERM INT"), drainsOn: on("QUIT"), survives: on("HUP USR1 USR2 WINCH"),
			text: "nginx exits at once on TERM and INT, and on QUIT once it has served its open requests; a request that outlasts the grace " +
				"makes the stop forced",
			source: "nginx.org/en/docs/control.html", version: "1.22", known: run,
		},
		{
			programs: []string{"apache2", "httpd"},
			limitOn:  on("TERM INT"), limit: apacheKills, drainsOn: on("WINCH"), survives: on("HUP USR1"),
			text: "apache ends on TERM and INT as soon as its children have, and kills those that still serve a request after some 10 s; on WINCH " +
				"it waits until they have served their requests",
			source: "httpd.apache.org/docs/2.4/stopping.html", version: "2.4", known: run,
		},
		{
			programs: []string{"lighttpd"}, idleEndsOn: on("TERM"), drainsOn: on("INT"), survives: on("HUP USR1"),
			note:   "on TERM with open requests its exit code is 1",
			source: "lighttpd src/server.c, sigaction_handler; redmine.lighttpd.net, FAQ graceful shutdown", version: "1.4.69", known: run,
		},
		{
			programs: []string{"caddy"}, drainsOn: on("TERM INT"), failsOn: on("QUIT"), survives: on("HUP USR1 USR2"),
			source: "caddyserver.com/docs/command-line#signals", version: "2.6", known: run,
		},
		{
			programs: []string{"php-fpm*"}, endsOn: on("TERM INT"), drainsOn: on("QUIT"), survives: on("USR1 USR2"),
			source: "php-fpm8.2(8), signals", version: "8.2", known: run,
		},
		{
			programs: []string{"traffic_server"}, endsOn: on("TERM INT"), survives: on("USR1 USR2"),
			source: "docs.trafficserver.apache.org, traffic_server", version: "9.2", known: run,
		},
		{
			programs: []string{"webfsd"}, endsOn: on("TERM"), survives: on("HUP"),
			source: "webfsd(1)", version: "1.21", known: run,
		},
		{
			programs: []string{"mini_httpd"}, failsOn: on("TERM INT USR1"), survives: on("HUP"),
			source: "mini_httpd(8)", version: "1.30", known: run,
		},
		{
			programs: []string{"thttpd"}, endsOn: on("TERM INT"), drainsOn: on("USR1"), survives: on("HUP USR2"),
			source: "thttpd(8), signals", known: documented,
		},
		{
			programs: []string{"h2o"}, drainsOn: on("TERM"), survives: on("HUP"),
			source: "h2o src/main.c, on_sigterm", version: "2.2", known: run,
		},
		{
			programs: []string{"busybox httpd"}, survives: on("HUP"),
			source: "busybox networking/httpd.c", version: "1.35", known: run,
		},
	}
}
