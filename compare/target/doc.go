// Package target gathers the facts about one container: what docker inspect says, its cgroup, its processes, and what they do
// with signals. It also writes predictions, which rest on these facts, into documents. It changes nothing.
package target
