package prediction

import (
	"fmt"
	"strings"

	"haltscope/compare/value"
)

// Sharer is another container whose processes are in this one's PID namespace (docker run --pid=container:NAME).
type Sharer struct {
	Name string // its name, or its id if that is not known
	PIDs []int  // its processes there
}

// sharerConsequences say what the end of the first process does to the containers that share its PID namespace: the kernel kills
// all processes of a PID namespace when its first one ends. Source: pid_namespaces(7); kernel/pid_namespace.c,
// zap_pid_ns_processes.
func (f *Facts) sharerConsequences() []Evidence {
	if host, ok := strings.CutPrefix(f.PIDMode, "container:"); ok {
		text := "its PID namespace is that of container %s: when the first process of that one ends, the kernel sends SIGKILL to every process " +
			"of this one"
		return []Evidence{{"docker inspect: PidMode", fmt.Sprintf(text, value.ShortID(host))}}
	}
	const source = "/proc/PID/ns/pid"
	var unknown []Evidence
	if f.SharersError != "" {
		unknown = []Evidence{{source, "other containers may share its PID namespace and be killed with it: " + f.SharersError}}
	}
	if len(f.Sharers) == 0 || !f.Target.First.NamespaceInit {
		return unknown
	}
	names := []string{}
	for _, s := range f.Sharers {
		names = append(names, fmt.Sprintf("%s (%s)", s.Name, value.Count(len(s.PIDs), "process", "processes")))
	}
	verb := "shares"
	if len(names) > 1 {
		verb = "share"
	}
	return append([]Evidence{{source, fmt.Sprintf("%s %s its PID namespace: when the first process ends, the kernel kills all "+
		"of them", strings.Join(names, ", "), verb)}}, unknown...)
}
