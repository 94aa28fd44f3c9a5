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
	if len(f.Sharers) == 0 || !f.Target.First.NamespaceInit {
		return nil
	}
	names := []string{}
	for _, s := range f.Sharers {
		names = append(names, fmt.Sprintf("%s (%s)", s.Name, value.Count(len(s.PIDs), "process", "processes")))
	}
	verb := "shares its PID namespace and is killed with it"
	if len(names) > 1 {
		verb = "share its PID namespace and are killed with it"
	}
	return []Evidence{{"/proc/PID/ns/pid", fmt.Sprintf("%s %s: when the first process ends, the kernel sends SIGKILL to every process of the "+
		"namespace", strings.Join(names, ", "), verb)}}
}
