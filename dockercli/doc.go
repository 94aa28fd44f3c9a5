// Package dockercli runs the docker binary and parses what it prints. Nothing else in haltscope does. The package knows
// nothing of cgroups or of the kernel.
//
// A [Client] runs one binary, docker or podman. Each docker verb has a file of its own, named after it:
//
//   - kill.go, stop.go, restart.go, pause.go, unpause.go, start.go and rm.go hold the actions: what a verb's arguments are,
//     and how it is run. [Client.Do] runs an [Action], and [Client.Pasteable] shows the same arguments.
//   - inspect.go has the one struct for docker inspect, [Container]. It is decoded once for all who ask.
//     inspect_many.go asks about many containers so that one that hangs does not block the others.
//   - events.go has the one reader of docker events, [Client.Follow]. event_log.go keeps its events for those who wait for one.
//   - ps.go, info.go, stats.go, top.go, logs.go, image.go, network.go and the rest ask one question each.
//   - podman_*.go put podman's answers into docker's form.
//
// The rest is common to all calls: call.go runs docker and waits, stream.go reads a running call line by line,
// errors.go has the errors, stderr.go lists the few phrases of docker's that decide anything, engine.go finds out which engine
// answers.
//
// # Safety
//
// No shell is involved. Names and ids of containers follow "--", so that none can be read as a flag. Every call has a
// deadline, and what it prints is kept only up to a bound. Values of environment variables and labels may be secrets and are
// not decoded, except haltscope's own labels; [Environment] carries variables without showing them.
package dockercli
