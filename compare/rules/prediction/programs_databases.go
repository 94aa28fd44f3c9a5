package prediction

func databases() []habit {
	return []habit{
		{
			programs:   []string{"redis-server", "valkey-server", "redis-check-rdb"}, // Debian's redis-server is a link
			finishesOn: on("TERM INT"),
			text: "redis saves what it is configured to save and exits; a snapshot or a running script that outlasts the grace makes the stop " +
				"forced",
			source: "redis.io/docs/latest/operate/oss_and_stack/reference/signals", version: "7.0", known: run,
		},
		{
			programs: []string{"redis-sentinel"}, finishesOn: on("TERM INT"),
			source: "redis.io/docs/latest/operate/oss_and_stack/reference/signals", known: documented,
		},
		{
			programs: []string{"dragonfly"}, finishesOn: on("TERM INT"),
			source: "dragonflydb.io/docs/command-reference/server-management/shutdown", known: documented,
		},
		{
			programs: []string{"memcached"}, endsOn: on("TERM INT USR1"), survives: on("HUP"),
			source: "memcached.c, sig_handler, sig_usrhandler", version: "1.6.18", known: run,
		},
		{
			programs: []string{"postgres"}, endsOn: on("INT QUIT"), drainsOn: on("TERM"), survives: on("HUP USR1 USR2"),
			text: "postgres waits on TERM until all sessions have ended (smart shutdown), ends them on INT (fast), and aborts on QUIT " +
				"(immediate); on HUP it reads its configuration again",
			source: "postgresql.org/docs/current/server-shutdown.html", version: "15", known: run,
		},
		{
			programs: []string{"mariadbd", "mysqld"}, finishesOn: on("TERM QUIT"), survives: on("HUP USR1"),
			note:    "on TERM it flushes its buffers first",
			source:  "mariadb.com/kb/en/mariadbd-options; dev.mysql.com/doc/refman/8.0/en/unix-signal-response.html",
			version: "MariaDB 10.11", known: run,
		},
		{
			programs: []string{"pgbouncer"}, finishesOn: on("TERM INT"), survives: on("HUP USR1 USR2"),
			note:   "before 1.23 it ends at once on TERM, with exit code 1; from then on it waits for its clients",
			source: "pgbouncer.org/usage.html, signals", version: "1.18", known: run,
		},
		{
			programs: []string{"pgpool"}, drainsOn: on("TERM"), endsOn: on("INT QUIT"), survives: on("HUP"),
			source: "pgpool.net/docs/latest, pgpool stop: smart, fast, immediate", version: "4.3", known: run,
		},
		{
			programs: []string{"slapd"}, endsOn: on("TERM INT"), idleEndsOn: on("HUP"), survives: on("USR1 USR2"),
			source: "slapd(8); slapd.conf(5), gentlehup", version: "2.5", known: run,
		},
		{
			programs: []string{"tarantool"}, finishesOn: on("TERM INT"), survives: on("HUP USR1"),
			source: "tarantool.io/en/doc/latest/reference/configuration, server signals", version: "2.6", known: run,
		},
		{
			programs: []string{"searchd"}, finishesOn: on("TERM INT"), survives: on("HUP USR1"),
			source: "sphinxsearch.com/docs, searchd command reference", version: "2.2.11", known: run,
		},
		{
			programs: []string{"influxd"}, finishesOn: on("TERM INT"),
			source: "influxdata/influxdb cmd/influxd/main.go", version: "1.6", known: run,
		},
		{
			programs: []string{"etcd"}, endsOn: on("TERM INT"),
			note:   "then it raises the signal again",
			source: "etcd pkg/osutil/interrupt_unix.go, HandleInterrupts", version: "3.4", known: run,
		},
		{
			programs: []string{"mongod", "mongos"}, finishesOn: on("TERM INT HUP"), survives: on("USR1 USR2"),
			note:   "from 5.0 on, a secondary and mongos let operations end for 15 s first, and a primary steps down",
			source: "mongodb.com/docs/manual/tutorial/manage-mongodb-processes; mongo src/mongo/util/signal_handlers.cpp", known: documented,
		},
		{
			programs: []string{"clickhouse*"}, finishesOn: on("TERM INT"), survives: on("HUP"),
			source: "ClickHouse src/Daemon/BaseDaemon.cpp", known: read,
		},
		{
			programs: []string{"cockroach"}, finishesOn: on("TERM INT"),
			note:   "its queries get 10 s to end, and it hands over its leases without a limit",
			source: "cockroachlabs.com/docs/stable/node-shutdown", known: documented,
		},
		{
			programs: []string{"minio"}, finishesOn: on("TERM INT"),
			source: "minio/minio cmd/signals.go", known: read,
		},
		{
			programs: []string{"vault", "bao"}, finishesOn: on("TERM INT"), survives: on("HUP USR1 USR2"),
			source: "developer.hashicorp.com/vault/docs/internals/telemetry; vault command/server.go", known: documented,
		},
		{
			programs: []string{"consul"}, finishesOn: on("TERM INT"), survives: on("HUP USR1"),
			note:   "on TERM a client leaves the cluster first, and a server does not",
			source: "developer.hashicorp.com/consul/docs/agent, stopping an agent; docs/agent/telemetry", known: documented,
		},
		{
			programs: []string{"rethinkdb"}, finishesOn: on("TERM INT"),
			source: "rethinkdb src/arch/runtime/starter.cc", known: read,
		},
	}
}
