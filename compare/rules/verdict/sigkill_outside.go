package verdict

import (
	"time"

	"haltscope/compare/value"
)

// killTakes is how long after Docker's event of a SIGKILL the end may come, and be seen.
const killTakes = time.Second

// killedOutsideEvents judges an end by a SIGKILL that Docker's events do not show.
func (j *judge) killedOutsideEvents(requested bool) Kind {
	switch {
	case j.NamespaceEnd != nil:
		j.because = append(j.because, *j.NamespaceEnd)
		j.how, j.sender = j.NamespaceEnd.Value, WithNamespace
	case j.PendingKill != nil:
		j.because = append(j.because, *j.PendingKill)
		j.noteHow("docker events", "no SIGKILL from Docker since then: the pending one took effect on the thaw")
	case j.byDaemon():
		j.noteHow("docker events; moby daemon/kill.go",
			"the runtime sent no SIGKILL: dockerd waits %s for it, and then sends SIGKILL itself", directKill)
		j.sender = ByDaemon
		if j.Verb.Stops() {
			return Forced
		}
	case j.byDockerUnseen() != nil:
		j.noteHow(sentSource, "SIGKILL from %s, which Docker's events do not show", j.byDockerUnseen().From)
	case j.has("stop") && !j.has("kill") && j.EventsError == "" && j.ReturnedAt == nil:
		j.noteHow("docker events",
			"a stop without any signal: the runtime sent none, and SIGKILL came from dockerd itself or from outside Docker")
	case j.ReturnedAt == nil:
		j.noteHow("docker events; moby daemon/kill.go",
			"Docker's events show no SIGKILL: it came from outside Docker, or from dockerd itself after its runtime had failed to send one%s",
			j.orNamespace())
	case requested && j.Verb.Stops() && j.EndedAt != nil:
		j.noteHow("docker events", "no SIGKILL from Docker: it came from outside Docker, %s into a grace%s%s", seconds(*j.EndedAt), j.ofGrace(),
			j.orNamespace())
		j.sender = j.outside()
	case !requested && !j.has("kill") && j.EndedAt != nil && *j.EndedAt < killTakes:
		j.noteHow("docker events",
			"no SIGKILL from Docker since the command began: it was requested right before, or came from outside Docker%s", j.orNamespace())
	default:
		j.noteHow("docker events", "no SIGKILL from Docker: it came from outside Docker%s", j.orNamespace())
		j.sender = j.outside()
	}
	return Killed
}

// byDockerUnseen returns the SIGKILL that a program of Docker's sent, as the kernel reported it; nil for none.
func (j *judge) byDockerUnseen() *SentSignal {
	if kill := j.Sent.sigkillTo(toFirst); kill != nil && kill.By == FromDocker {
		return kill
	}
	return nil
}

// orNamespace names another possible cause of a SIGKILL: the end of a PID namespace that the container shares.
func (j *judge) orNamespace() string {
	if !j.SharesNamespace {
		return ""
	}
	return ", or its PID namespace, which is another container's, ended"
}

// outside returns the sender of a SIGKILL that Docker did not send. If the container shares another one's PID namespace, the end of
// that namespace may have been the cause.
func (j *judge) outside() Sender {
	if j.SharesNamespace {
		return Unknown
	}
	return Outside
}

// byDaemon reports whether dockerd itself ended the run: the runtime sent no SIGKILL, and dockerd sends one once it has waited
// for that.
func (j *judge) byDaemon() bool {
	sends := j.Verb.Stops() || j.Verb == value.Remove || j.Verb == value.Kill && j.Signal == value.SIGKILL
	if !sends || j.EventsError != "" || j.EndedAt == nil || j.ReturnedAt == nil || *j.ReturnedAt < *j.EndedAt {
		return false
	}
	stop, kill := j.sentAt()
	if kill != nil {
		return false
	}
	before := time.Duration(0) // what Docker waited before it asked the runtime for SIGKILL
	switch {
	case !j.Verb.Stops():
	case stop == nil:
		before = unsentGrace
	case j.Grace == nil || *j.Grace < 0:
		return false
	default:
		before = *j.Grace
	}
	return *j.EndedAt >= before+directKill-early
}

// shimLost judges an end after that of the shim. Nothing waited for the exit code then, and the clean-up makes one up. ok is false if
// the shim was not lost, or if the kernel says that the run ended in another way.
func (j *judge) shimLost() (kind Kind, ok bool) {
	if j.Shim == nil || j.Shim.LostAt == nil {
		return "", false
	}
	j.noteAt(*j.Shim.LostAt, "pidfd", "its shim, process %d, ended before it", j.Shim.PID)
	if j.returnedCode || j.Wait != nil && j.Wait.Signal() != value.SIGKILL {
		return "", false
	}
	if j.Wait == nil {
		j.note(j.State.source(), "exit code %d is not the program's: without its shim nothing waited for it, and the clean-up makes a code up",
			j.State.ExitCode)
	}
	j.noteHow("containerd", "its shim ended, and containerd kills with SIGKILL what a lost shim leaves behind")
	j.sender = ByCleanUp
	return Killed, true
}
