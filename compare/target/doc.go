// Package target gathers the facts about one container: what docker inspect says, its cgroup, its processes, and what they do
// with signals. It changes nothing.
package target
