package prediction

// runtimes returns the habits of interpreters and virtual machines: what they do with a signal whatever program they run.
func runtimes() []habit {
	return []habit{
		{
			programs: node, runtimeCatches: on("TERM INT"), drainsOn: on("HUP"), survives: on("USR1"),
			text: "Node.js catches TERM and INT itself, to restore the terminal, and then raises them again with the default action; " +
				"whether the program has a handler cannot be seen from outside",
			source: "node src/node.cc, SignalExit", version: "18.20, 20.20", known: run,
		},
		{
			programs: []string{"java"}, survives: on("QUIT"), finishesOn: on("HUP"),
			text: "a JVM runs its shutdown hooks on TERM, INT and HUP and exits with 128 + the signal; a hook that hangs keeps it running. On " +
				"QUIT it prints its threads and keeps running",
			source:  "java.lang.Runtime, addShutdownHook; the JVM's troubleshooting guide, Control+Break handler",
			version: "OpenJDK 17, 143", known: run,
		},
		{
			programs: python,
			text: "Python itself catches only INT, as KeyboardInterrupt; a handler of the program's own runs when its main thread " +
				"reaches the next bytecode",
			source: "docs.python.org/3/library/signal.html", version: "3.11", known: run,
		},
		{
			programs: ruby, finishesOn: on("TERM INT HUP QUIT ALRM USR1 USR2"),
			text: "Ruby turns TERM, INT, HUP, QUIT, ALRM, USR1 and USR2 into exceptions of its main thread, and runs ensure and at_exit; as PID 1 " +
				"it then ends with exit code 1. A trap of the program replaces that",
			source: "docs.ruby-lang.org, Signal, SignalException", version: "3.1", known: run,
		},
		{
			programs: []string{"beam.smp", "beam"}, finishesOn: on("TERM QUIT USR1"), seldomOn: on("INT"),
			text: "Erlang stops its applications on TERM (init:stop), halts at once on QUIT, and on USR1 with a crash dump; on INT it waits for " +
				"an answer at its terminal",
			source: "erlang.org/doc/man/kernel_app.html, OS signal event handler", version: "OTP 25", known: run,
		},
		{
			programs: []string{"php", "php8*", "php7*"}, finishesOn: on("INT"),
			source: "php.net/manual/en/features.commandline.webserver.php", version: "8.2", known: run,
		},
		{
			programs: lua, finishesOn: on("INT"),
			text:   "lua interrupts its script on INT with an error; a handler of the program's own replaces that",
			source: "lua lua.c, laction", version: "5.4", known: run,
		},
		{
			programs: []string{"dotnet"}, runtimeCatches: on("TERM INT QUIT"),
			text: ".NET catches INT and QUIT itself, and TERM before .NET 10; a host of a web application then stops within its shutdown " +
				"timeout, 30 s, and a program without one exits with 128 + the signal",
			source: "learn.microsoft.com/dotnet/core/extensions/generic-host, host shutdown; " +
				"learn.microsoft.com/dotnet/core/compatibility/core-libraries/10.0/sigterm-signal-handler",
			known: documented,
		},
		{
			programs: []string{"R"}, seldomOn: on("INT"), finishesOn: on("USR1 USR2"),
			note:   "a script ends on INT with exit code 1",
			source: "R manual, Signals; src/main/errors.c", known: documented,
		},
		{
			programs: []string{"sbcl"}, finishesOn: on("TERM INT"),
			note:   "on INT it enters its debugger where it has one",
			source: "sbcl.org/manual, Unix signals", version: "2.2", known: run,
		},
	}
}
