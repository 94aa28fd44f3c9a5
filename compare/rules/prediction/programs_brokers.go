package prediction

func brokers() []habit {
	return []habit{
		{
			programs: []string{"mosquitto"}, endsOn: on("TERM INT"), survives: on("HUP USR1 USR2"),
			source: "mosquitto(8), signals", version: "2.0.11", known: run,
		},
		{
			programs: []string{"nats-server"}, endsOn: on("INT"), finishesOn: on("TERM"), drainsOn: on("USR2"), survives: on("HUP USR1"),
			note:   "the code on TERM depends on the version",
			source: "docs.nats.io/running-a-nats-service/nats_admin/signals", version: "2.9", known: run,
		},
		{
			programs: []string{"beanstalkd"}, seldomOn: on("TERM"), survives: on("USR1"),
			note:   "on TERM it raises the signal again with its default action, which the kernel drops for PID 1",
			source: "beanstalkd(1); main.c", version: "1.12", known: run,
		},
		{
			programs: []string{"gearmand"}, endsOn: on("TERM INT"), finishesOn: on("USR1"), survives: on("HUP"),
			source: "gearmand(8)", version: "1.1", known: run,
		},
		{
			programs: []string{"nsqd", "nsqlookupd"}, finishesOn: on("TERM INT"),
			source: "nsqio/nsq apps/nsqd/main.go", known: read,
		},
		{
			programs: []string{"qpidd"}, finishesOn: on("TERM INT"), survives: on("HUP"),
			source: "apache/qpid-cpp src/posix/QpiddBroker.cpp", known: read,
		},
		{
			programs: []string{"rpk", "redpanda"}, finishesOn: on("TERM INT"),
			source: "redpanda-data/redpanda src/v/redpanda/application.cc", known: read,
		},
	}
}
