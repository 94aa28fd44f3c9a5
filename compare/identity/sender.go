package identity

import (
	"errors"
	"slices"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/cgroupfs/trace"
	"haltscope/compare/document"
	"haltscope/compare/value"
)

// Sender returns who sent a signal. Call it at once. If the sender has ended, the kernel's events give only its name, its parents and
// its cgroup. Its login is then that of its nearest living parent, unless a parent up to there is a program that starts logins for
// others. Its user stays unknown, because programs such as sudo, setpriv and doas change it without a new process.
func (r *Reader) Sender(s *trace.Signal) document.Actor {
	a, stat, err := r.read(s.Sender.PID)
	if err == nil && s.Sender.Name != "" && s.Sender.Name != stat.Comm {
		err = proc.ErrNoProcess // another process has its PID, or it executes another program by now
	}
	if err != nil {
		a = r.gone(s)
	}
	r.placeBySignal(&a, s, err != nil || stat.Exiting)
	return a
}

// gone returns a sender that cannot be read any more.
func (r *Reader) gone(s *trace.Signal) document.Actor {
	a := Process(s.Sender.PID, s.Sender.Name)
	sameLogin := true // as its nearest living parent
	for _, p := range s.Parents {
		above, stat, err := r.read(p.PID)
		if err != nil || p.Name != "" && p.Name != stat.Comm {
			a.Parents = append(a.Parents, document.ActorParent{PID: p.PID, Command: Process(p.PID, p.Name).Command})
			sameLogin = sameLogin && p.Name != "" && !slices.Contains(loginPrograms, p.Name)
			continue
		}
		a.Parents = append(a.Parents, document.ActorParent{PID: p.PID, Command: value.Known(value.Clean(stat.Comm))})
		a.Parents = append(a.Parents, above.Parents...)
		a.Parents = a.Parents[:min(len(a.Parents), mostParents)]
		if sameLogin && !slices.Contains(loginPrograms, stat.Comm) {
			a.LoginUser, a.Session = above.LoginUser, above.Session
		}
		break
	}
	return a
}

// placeBySignal sets where a sender ran, by the cgroup that the kernel reports with the signal. A process that is ending may have
// left its cgroups.
func (r *Reader) placeBySignal(a *document.Actor, s *trace.Signal, ending bool) {
	if s.Cgroup == 0 || r.kernel == nil {
		if ending {
			none := value.Absent[string](value.Vanished, "it had ended before it could be read")
			a.Container, a.Unit = none, none
		}
		return
	}
	path, err := r.kernel.PathOfID(s.Cgroup)
	if err != nil {
		if !ending {
			return // /proc says it
		}
		reason := value.Failed
		if errors.Is(err, cgroupfs.ErrNoCgroup) {
			reason = value.Vanished
		}
		a.Container, a.Unit = value.Absent[string](reason, err.Error()), value.Absent[string](reason, err.Error())
		return
	}
	id := cgroupfs.ContainerIn(path)
	if id != "" {
		a.Container = value.Known(r.containerName(id))
		a.Unit = value.Absent[string](value.Unsupported, "it ran in a container")
		return
	}
	a.Container = value.Absent[string](value.Unsupported, "it ran in no container")
	if !ending {
		return
	}
	if unit := cgroupfs.UnitOfPath(path); unit != "" {
		a.Unit = value.Known(value.Clean(unit))
	} else {
		a.Unit = value.Absent[string](value.Unsupported, "it was in no unit of systemd")
	}
}
