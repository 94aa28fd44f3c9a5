package why

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/host"
	"haltscope/compare/rules/past"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// tellsNothing reports whether an error means that Docker on this machine does not answer, so that only the other sources are left. The
// logs of this machine say nothing about a daemon on another one.
func tellsNothing(ctx context.Context, docker *dockercli.Client, err error) bool {
	if ctx.Err() != nil || !errors.Is(err, dockercli.ErrNoDaemon) && !errors.Is(err, dockercli.ErrTimeout) {
		return false
	}
	endpoint, unknown := docker.Endpoint(ctx)
	return unknown == nil && strings.HasPrefix(endpoint.Host, "unix://")
}

// withoutDocker explains what the other sources report if Docker does not answer. It returns the cause with the document.
func (s *sources) withoutDocker(o Options, cause error) (*document.Why, error) {
	kernel, err := host.Kernel()
	if err != nil {
		return nil, err
	}
	s.noDocker = cause
	s.addLogged()
	subjects, missing := s.logged(o.Names)
	if len(subjects) == 0 && len(o.Names) > 0 {
		return nil, errors.Join(append([]error{cause}, missing...)...)
	}
	here := document.Host{Engine: string(dockercli.Docker), CgroupVersion: kernel.Version, CgroupHybrid: kernel.Hybrid, Kernel: host.Release()}
	doc := s.newDocument(here, o)
	s.explainAll(doc, subjects, o, func(*subject, *document.WhyContainer) {})
	return doc, errors.Join(append([]error{cause}, missing...)...)
}

// addLogged adds the containers that the logs name to those that the journal of a watch names.
func (s *sources) addLogged() {
	add := func(id string) {
		if id != "" && !slices.Contains(s.order, id) {
			s.order = append(s.order, id)
		}
	}
	if s.log != nil {
		for i := range s.log.Forced {
			add(s.log.Forced[i].ID)
		}
	}
	for _, k := range s.kills {
		add(cgroupfs.ContainerIn(k.Cgroup))
	}
	if s.system != nil {
		for i := range s.system.Kills {
			add(cgroupfs.ContainerIn(s.system.Kills[i].Cgroup))
		}
	}
}

// logged finds the containers with the given names among those that the journal of a watch or the logs name. Without names, it returns all.
func (s *sources) logged(names []string) (all []subject, missing []error) {
	if len(names) == 0 {
		for _, id := range s.order {
			all = append(all, subject{id: id, name: s.nameOf(id)})
		}
		return slices.DeleteFunc(all, isTwin), nil
	}
	for _, name := range names {
		found := s.removed(name)
		switch last := len(found) - 1; {
		case last < 0:
			missing = append(missing, fmt.Errorf("%s: neither the journal of a watch nor a log names it", value.Clean(name)))
		case last > 0 && s.nameOf(found[0]) != strings.TrimPrefix(name, "/"):
			missing = append(missing, ambiguousID(name))
		default:
			all = append(all, subject{id: found[last], name: s.nameOf(found[last])})
		}
	}
	return all, missing
}

// ambiguousID returns the error for a prefix of several ids.
func ambiguousID(name string) error {
	return &fault.UsageError{Text: fmt.Sprintf("%s is the beginning of several ids", value.Clean(name)),
		Next: "give more of the id, or the name: docker ps --all"}
}

// loggedEnds adds the ends that only a log reports, each at the time of the line: the grace of a stop ran out, the OOM killer chose the
// only process, or systemd-oomd killed all processes.
func (s *sources) loggedEnds(id string, runs []run) []run {
	add := func(at time.Time) {
		if !slices.ContainsFunc(runs, func(r run) bool { return within(at, &r, forcedBefore, forcedBefore) }) {
			runs = append(runs, run{ended: &at})
		}
	}
	if s.log != nil {
		for i := range s.log.Forced {
			if f := &s.log.Forced[i]; f.ID == id {
				add(f.At)
			}
		}
	}
	for _, k := range s.kills {
		if inContainer(k.Cgroup, id) && place(k.PastKill, id) == past.Only {
			add(k.At)
		}
	}
	if s.system != nil {
		for i := range s.system.Kills {
			if k := &s.system.Kills[i]; k.Done && isContainer(k.Cgroup, id) {
				add(k.At)
			}
		}
	}
	slices.SortStableFunc(runs, func(a, b run) int { return zeroOr(a.ended).Compare(zeroOr(b.ended)) })
	return runs
}

// survivedKills says which kills by the OOM killer belong to no known end.
func (s *sources) survivedKills(id string, runs []run) (all []string) {
	for _, k := range s.kills {
		if inContainer(k.Cgroup, id) && !slices.ContainsFunc(runs, func(r run) bool { return slices.Contains(r.kills, k) }) {
			all = append(all, fmt.Sprintf("%s: the OOM killer killed %s (pid %d), %s; whether the container ended is not known",
				k.At.UTC().Format("2006-01-02 15:04:05 UTC"), value.Clean(k.Name), k.PID, limit(k.PastKill, id)))
		}
	}
	return all
}
