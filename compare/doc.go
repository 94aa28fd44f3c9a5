// Package compare is the map of haltscope; its folders hold the code.
//
// A command line goes from main to cli, which has one file per command. The command's package does the work:
//
//	experiment  compare, predict --verify: throwaway containers (twins), phases, probes, proofs
//	check       a gate for CI: one twin, one stop, held against expectations
//	action      kill, stop, pause, unpause, start, restart
//	inspect     one container: what Docker says, what the kernel says, who holds its memory
//	ps          all containers, one line each
//	reclaim     give memory of paused containers back to the host
//	predict     what stop, kill and pause would do
//	watch       one line for each thing that happens
//	why         how containers ended that nobody watched
//	doctor      can haltscope run here?
//	clean       remove what an interrupted run left
//
// Below the commands:
//
//	twin        the names, labels, owners and images of throwaway containers
//	ends        how each process of a container ends
//	target      the facts about one container: docker inspect, cgroup, processes, signal dispositions; predictions as documents
//	identity    who a process is: name, user, container, unit, parents
//	host        the facts about this machine and its Docker Engine
//	output      report files and log lines
//	journal     the lines of a watch, kept in files
//	systemd     systemd's journal, read with journalctl
//	rules       judgements, pure: verdict, asker, past, prediction, grace, expectation, drift, memory, proof
//	document    the JSON documents
//	report      the layouts of documents: table, Markdown, HTML, JUnit, TAP; progress
//	figures     kernel readings as values of a document
//	fault       errors with an exit code and a hint
//	value       a value or the reason why there is none; bytes, durations, text for terminals and shells
//	workload    the program inside the twins
//
// Imports point down only:
//
//	main
//	cli                           and report, which nothing else imports
//	commands                      check may import experiment, and experiment action; inspect and ps may import why
//	twin, ends, target, identity, host, output, journal, systemd
//	rules                         expectation, prediction, past, verdict; asker, proof, memory, drift; grace
//	document
//	figures, fault, value
//
// Package dockercli runs docker, and nothing else does. It imports only value. Package cgroupfs reads the kernel's files,
// and nothing else does. It imports only its own folders proc and figure; its folder trace follows what the kernel reports
// once, and its folder socket finds the clients of a local socket. Commands, twin, target and host use both packages; identity
// uses only cgroupfs, and rules use its types. TestArrows has the whole table, and fails for any other import and for a package
// that is not in it.
package compare
