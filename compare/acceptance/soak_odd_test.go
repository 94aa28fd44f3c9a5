package acceptance

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// soakOdd acts on containers in whose ends more than Docker and the first process have a part.
type soakOdd struct {
	t        *testing.T
	hostKill string                              // the reported action, verdict and exit code of a SIGKILL that Docker did not send
	record   func(name string, actions []string) // that were performed
}

// namespaceEnded follows the action of a line that says that a container ended with another one's PID namespace.
const namespaceEnded = "with its namespace"

// container makes a container, and returns the PID of its first process once that handles its signals.
func (s *soakOdd) container(name string, args ...string) (p *soakContainer, pid int) {
	p = &soakContainer{t: s.t, name: name, hostKill: s.hostKill}
	p.docker(append([]string{"run", "--detach", "--network", "none", "--stop-timeout", "1", "--name", name}, args...)...)
	time.Sleep(time.Second)
	return p, s.pid(p)
}

func (s *soakOdd) pid(p *soakContainer) int {
	pid, err := strconv.Atoi(p.docker("inspect", "--format", "{{.State.Pid}}", p.name))
	if err != nil {
		s.t.Errorf("%s: %v", p.name, err)
	}
	return pid
}

// kill sends SIGKILL without Docker's knowledge.
func (s *soakOdd) kill(pid int) {
	if pid <= 0 {
		s.t.Errorf("process %d", pid)
		return
	}
	if err := unix.Kill(pid, unix.SIGKILL); err != nil {
		s.t.Error(err)
	}
}

// remove removes containers that have ended.
func (s *soakOdd) remove(all ...*soakContainer) {
	for _, p := range all {
		p.docker("rm", p.name)
	}
}

// namespace ends a container whose PID namespace another one shares: both end.
func (s *soakOdd) namespace() {
	owner, pid := s.container("hs-soak-owner", "haltscope-test/habits", "/habits", "handles")
	guest, _ := s.container("hs-soak-guest", "--pid", "container:hs-soak-owner", "haltscope-test/habits", "/habits", "handles")
	end := ""
	switch rand.IntN(3) {
	case 0:
		owner.docker("stop", owner.name)
		end = "stop/graceful 0 [15]"
	case 1:
		owner.docker("kill", owner.name)
		end = killed
	case 2:
		s.kill(pid)
		end = s.hostKill
	}
	owner.docker("wait", owner.name)
	guest.docker("wait", guest.name)
	s.remove(guest, owner)
	s.record(owner.name, []string{"start", end, "destroy/removed"})
	s.record(guest.name, []string{"start", s.hostKill + namespaceEnded, "destroy/removed"})
}

// firstThread ends a program whose first thread has ended, which the runtime takes for stopped. It sends nothing then; docker stop
// succeeds, and the program runs on.
func (s *soakOdd) firstThread() {
	p, pid := s.container("hs-soak-leader", "haltscope-test/habits", "/habits", "leader")
	actions := []string{"start"}
	time.Sleep(time.Second) // until the first thread has ended
	if rand.IntN(3) > 0 {
		p.docker("stop", p.name)
		time.Sleep(10 * time.Second) // the longest that the line waits for the kernel's word
		actions = append(actions, "die/runs-on")
	}
	s.kill(pid)
	p.docker("wait", p.name)
	time.Sleep(2 * time.Second) // until the watch has seen it
	s.remove(p)
	s.record(p.name, append(actions, s.hostKill, "destroy/removed"))
}
