package prediction

// The interpreters that run application servers.
var (
	python = []string{"python*", "pypy*"}
	ruby   = []string{"ruby*"}
	perl   = []string{"perl*"}
	node   = []string{"node", "nodejs"}
	lua    = []string{"lua*", "luajit*"}
)

// applications returns the habits of application servers, and of other servers that are scripts.
func applications() []habit {
	return []habit{
		{
			programs: []string{"uwsgi*"}, childless: true, failsOn: on("TERM INT"), survives: on("USR1 USR2"),
			note:   "without a master its exit code is 30",
			source: "uwsgi core/uwsgi.c, end_me, UWSGI_END_CODE", version: "2.0.21", known: run,
		},
		{
			programs: []string{"uwsgi*"}, endsOn: on("TERM INT QUIT"), survives: on("USR1 USR2"),
			note:   "on TERM only if --die-on-term is set",
			source: "uwsgi-docs.readthedocs.io, Management, signals", version: "2.0.21", known: run,
		},
		{
			programs: []string{"gunicorn*"}, on: python, drainsOn: on("TERM"), endsOn: on("INT QUIT"),
			survives: on("HUP USR1 USR2 WINCH TTIN TTOU"), note: "its workers get graceful_timeout, 30 s, to end",
			source: "docs.gunicorn.org/en/stable/signals.html", version: "20.1", known: run,
		},
		{
			programs: []string{"uvicorn", "hypercorn"}, on: python, drainsOn: on("TERM INT"),
			source: "uvicorn uvicorn/server.py, handle_exit", version: "uvicorn 0.17", known: run,
		},
		{
			programs: []string{"daphne", "twistd*", "carbon-*", "scrapyd"}, on: python, finishesOn: on("TERM INT"),
			note:   "twisted stops its reactor",
			source: "docs.twisted.org, reactor, installSignalHandlers", version: "twisted 22.4, daphne 4.0", known: run,
		},
		{
			programs: []string{"celery"}, on: python, drainsOn: on("TERM INT"), finishesOn: on("QUIT"), survives: on("HUP USR1"),
			note:   "a warm shutdown waits for its tasks",
			source: "docs.celeryq.dev/en/stable/userguide/workers.html, stopping the worker", version: "5.2", known: run,
		},
		{
			programs: []string{"radicale"}, on: python, drainsOn: on("TERM INT"),
			source: "radicale server.py", version: "3.1", known: run,
		},
		{
			programs: []string{"waitress-serve"}, on: python, idleEndsOn: on("INT"),
			source: "docs.pylonsproject.org/projects/waitress", version: "2.1", known: run,
		},
		{
			programs: []string{"jupyter*"}, on: python, finishesOn: on("TERM"), seldomOn: on("INT"),
			note:   "on INT it asks whether to stop",
			source: "jupyter_server jupyter_server/serverapp.py, init_signal", known: read,
		},
		{
			programs: []string{"fail2ban-server"}, on: python, finishesOn: on("TERM INT"), survives: on("USR1"),
			source: "fail2ban-server(1)", version: "1.0", known: run,
		},
		{
			programs: []string{"salt-master"}, on: python, finishesOn: on("TERM INT"), survives: on("USR1 USR2"),
			source: "docs.saltproject.io, troubleshooting the Salt master; salt/utils/debug.py", known: documented,
		},
		{
			programs: []string{"salt-minion"}, on: python, finishesOn: on("TERM INT"), survives: on("USR1"),
			source: "docs.saltproject.io, troubleshooting the Salt minion; salt/utils/debug.py", known: documented,
		},
		{
			programs: []string{"puma"}, on: ruby, drainsOn: on("TERM INT HUP"), survives: on("USR2 TTIN TTOU"),
			note:   "on HUP it opens its log again if it has one",
			source: "puma docs/signals.md", version: "5.6", known: run,
		},
		{
			programs: []string{"unicorn*"}, on: ruby, endsOn: on("TERM INT"), drainsOn: on("QUIT"), survives: on("HUP USR1 USR2 WINCH TTIN TTOU"),
			source: "yhbt.net/unicorn/SIGNALS.html", version: "6.0", known: run,
		},
		{
			programs: []string{"thin"}, on: ruby, drainsOn: on("TERM INT QUIT"), seldomOn: on("HUP"), survives: on("USR1"),
			source: "thin lib/thin/server.rb, setup_signals", version: "1.8", known: run,
		},
		{
			programs: []string{"sidekiq"}, on: ruby, finishesOn: on("TERM INT HUP"), survives: on("TSTP TTIN"),
			note:   "its jobs get 25 s to end",
			source: "github.com/sidekiq/sidekiq/wiki/Signals", version: "6.4", known: run,
		},
		{
			programs: []string{"fluentd"}, on: ruby, finishesOn: on("TERM INT"), survives: on("HUP USR1 CONT"),
			note:   "from 1.18 on, USR2 has its supervisor start itself anew",
			source: "docs.fluentd.org/deployment/signals", known: documented,
		},
		{
			programs: []string{"starman", "plackup"}, on: perl, endsOn: on("TERM INT"), drainsOn: on("QUIT"), survives: on("HUP TTIN TTOU"),
			source: "starman(1), signals", version: "0.4016", known: run,
		},
		{
			programs: []string{"munin-node"}, on: perl, endsOn: on("TERM INT QUIT"), seldomOn: on("HUP"),
			source: "Net::Server(3), signal handling", version: "2.0.73", known: run,
		},
		{
			programs: []string{"spamd"}, on: perl, finishesOn: on("TERM INT"), survives: on("HUP"),
			source: "spamd(1), signals", version: "4.0", known: run,
		},
		{
			programs: []string{"prosody*"}, on: lua, finishesOn: on("TERM INT"), survives: on("HUP"),
			source: "prosody.im/doc/signals", version: "0.12", known: run,
		},
		{
			programs: []string{"pm2-runtime", "pm2"}, on: node, finishesOn: on("TERM INT"),
			note:   "each application gets 1.6 s to end, one after the other",
			source: "pm2.keymetrics.io/docs/usage/signals-clean-restart; pm2 constants.js, KILL_TIMEOUT", known: documented,
		},
	}
}
