package prediction

func monitoring() []habit {
	return []habit{
		{
			programs: []string{"prometheus"}, finishesOn: on("TERM INT"), survives: on("HUP"),
			source: "prometheus.io/docs/prometheus/latest/management_api; cmd/prometheus/main.go", version: "2.42", known: run,
		},
		{
			programs: []string{"prometheus-alertmanager", "alertmanager"}, finishesOn: on("TERM INT"), survives: on("HUP"),
			source: "prometheus.io/docs/alerting/latest/configuration", version: "0.25", known: run,
		},
		{
			programs: []string{"prometheus-pushgateway", "pushgateway"}, finishesOn: on("TERM INT"),
			source: "prometheus/pushgateway main.go", version: "1.5", known: run,
		},
		{
			programs: []string{"grafana*"}, finishesOn: on("TERM INT"), survives: on("HUP"),
			source: "grafana/grafana pkg/cmd/grafana-server/commands/cli.go, listenToSystemSignals", known: read,
		},
		{
			programs: []string{"loki", "promtail", "mimir", "tempo"}, finishesOn: on("TERM INT"),
			source: "grafana/dskit signals/signals.go", known: read,
		},
		{
			programs: []string{"telegraf"}, finishesOn: on("TERM INT"), survives: on("HUP"),
			source: "influxdata/telegraf cmd/telegraf/telegraf.go", known: read,
		},
		{
			programs: []string{"fluent-bit"}, finishesOn: on("TERM INT QUIT"), survives: on("HUP CONT"),
			note:   "it flushes its buffers for 5 s at most",
			source: "docs.fluentbit.io, service section, grace", known: documented,
		},
		{
			programs: []string{"vector"}, finishesOn: on("TERM INT"), survives: on("HUP"),
			note:   "it gives what it has in hand 60 s at most; on QUIT it ends at once",
			source: "vectordotdev/vector src/signal.rs; vector.dev/docs/administration/management", known: read,
		},
		{
			programs: []string{"otelcol*"}, finishesOn: on("TERM INT"), survives: on("HUP"),
			source: "open-telemetry/opentelemetry-collector otelcol/collector.go", known: read,
		},
		{
			programs: []string{"collectd"}, finishesOn: on("TERM INT"), survives: on("USR1"),
			source: "collectd(1), signals", version: "5.12", known: run,
		},
		{
			programs: []string{"zabbix_agentd"}, endsOn: on("TERM INT QUIT HUP"), survives: on("USR1 USR2"),
			source: "zabbix src/libs/zbxnix/sighandler.c", version: "6.0", known: run,
		},
		{
			programs: []string{"zabbix_server", "zabbix_proxy"}, finishesOn: on("TERM INT QUIT"), survives: on("HUP USR1 USR2"),
			source: "zabbix src/libs/zbxnix/sighandler.c", known: read,
		},
		{
			programs: []string{"monit"}, endsOn: on("TERM INT"), survives: on("HUP USR1"),
			source: "mmonit.com/monit/documentation, signals", version: "5.33", known: run,
		},
		{
			programs: []string{"snmpd", "snmptrapd"}, endsOn: on("TERM INT"), survives: on("HUP USR1"),
			source: "snmpd(8), signals", version: "5.9", known: run,
		},
		{
			programs: []string{"nagios*"}, finishesOn: on("TERM"), survives: on("HUP"),
			source: "nagios base/utils.c, sighandler", version: "4.4", known: run,
		},
		{
			programs: []string{"netdata"}, finishesOn: on("TERM INT QUIT"), survives: on("HUP USR1 USR2"),
			source: "netdata src/daemon/signals.c", known: read,
		},
	}
}
