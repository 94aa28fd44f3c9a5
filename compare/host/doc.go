// Package host checks that haltscope can trust what it reads here: that Docker and the kernel's files describe the same containers.
//
// [Check] refuses a host, with a [fault.UnfitError], if one of these is wrong:
//
//   - the user is not root, so the cgroups and processes of containers cannot be read;
//   - /proc belongs to another PID namespace, or the cgroup file system is not mounted;
//   - the daemon cannot be reached or does not answer;
//   - the engine is rootless or uses no cgroups;
//   - the daemon runs on another machine: its kernel is a different one, or its containers are not here;
//   - haltscope is in a PID or cgroup namespace in which the daemon's containers are not visible. They would look as if they had ended.
//
// Every such error says what was tried, why it failed, and what to do next.
package host
