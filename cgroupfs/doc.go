// Package cgroupfs reads what the kernel reports about cgroups, version 1 and 2. It knows nothing of Docker: a container is
// a cgroup whose path contains the container's full id.
//
// A [Host] knows where this machine mounts its cgroups, and finds the [Group] of a container, by one of its processes
// ([Host.Locate]) or by its name ([Host.Containers]). A Group keeps its files open, and belongs to one cgroup for good:
// Docker makes another one at the same path when it restarts the container, and reading then says that the cgroup is gone.
//
//   - [Group.Read] takes a [Reading]: freezer, memory, CPU time and tasks. It is meant to be called again and again, and
//     does not allocate.
//   - [Group.Details] reads the rest once: limits, peaks, events, pressure and I/O.
//   - [Group.Watch] and [Group.AwaitFrozen] follow the freezer of one cgroup, a [Watcher] follows many.
//   - [Group.Reclaim] is the only function that writes to a cgroup.
//
// Numbers are figures, which keep zero, "max", absent, gone, denied and failed apart: see package figure. Processes are in
// package proc.
//
// There is one file per kernel file, named after it: memory_stat.go reads memory.stat, and memory_stat_v1.go that of
// version 1. Reading and parsing are two functions, and the parsers are fuzzed. The kernel documents that they cite are in
// Documentation/admin-guide: cgroup-v2.rst, and those below cgroup-v1.
package cgroupfs
