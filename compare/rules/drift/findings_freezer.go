package drift

import (
	"fmt"
	"strings"

	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/value"
)

// ownFreezer compares docker pause with the freezer of the container's own cgroup.
func ownFreezer(name string, d *Docker, k *Kernel) []document.Finding {
	f := k.After.Freezer
	own := f.By == k.Path
	switch {
	case f.Requested.State() != figure.Present || f.Frozen.State() != figure.Present:
		return nil
	case !d.Paused && own && f.Frozen.Is(1):
		return finding(FrozenOutsideDocker,
			"It is frozen, but Docker says it is running: somebody froze its cgroup, or a docker pause gave up and the freeze completed later. "+
				"docker exec and docker pause fail, docker unpause says that it is not paused, and docker stop waits for the whole grace and ends it "+
				"with 137",
			k.thaw(k.Path), kill(name))
	case !d.Paused && own:
		return finding(FreezeIncomplete, "A freeze is requested but not complete, and Docker says it is running. "+k.willFreeze("It")+". "+
			"A docker pause that fails leaves this on cgroup v2; docker pause and docker unpause then both fail", k.thaw(k.Path))
	case d.Paused && !own && f.Above != "":
		return finding(ThawedOutsideDocker,
			"Docker says it is paused, but no freeze is requested for its own cgroup: somebody thawed it, and only an ancestor holds it. docker "+
				"unpause fails",
			k.freeze(k.Path)+" && docker unpause "+name, kill(name))
	case d.Paused && f.Requested.Is(0):
		return finding(ThawedOutsideDocker,
			"Docker says it is paused, but it is running: somebody thawed its cgroup. docker unpause and docker exec fail",
			k.freeze(k.Path)+" && docker unpause "+name, kill(name))
	case d.Paused && !f.Frozen.Is(1):
		return finding(PauseIncomplete, "Docker says it is paused, but the freeze is not complete. "+k.willFreeze("It"))
	}
	return nil
}

// ancestorFreezer finds a frozen cgroup above the container's.
func ancestorFreezer(_ string, d *Docker, k *Kernel) []document.Finding {
	f := k.After.Freezer
	if f.Above == "" || !f.Requested.Is(1) {
		return nil
	}
	above := "Its ancestor cgroup " + value.Quote(f.Above)
	text := above + " is frozen, and the container with it"
	if f.Frozen.Is(0) {
		text = above + " is being frozen, and the container with it. " + k.willFreeze("The container")
	}
	if d.Paused == (f.By == k.Path) {
		text += ". docker pause and docker unpause succeed and change nothing"
	}
	if k.Version == 2 {
		text += "; docker exec hangs"
	}
	return finding(FrozenAbove, text, k.thaw(f.Above))
}

// willFreeze says what a freeze that is not complete waits for.
func (k *Kernel) willFreeze(subject string) string {
	if len(k.Waiting) == 0 {
		return subject + " will freeze when the last of its tasks reaches the freezer"
	}
	var waits []string
	for _, w := range k.Waiting {
		if w.Fuse && w.Server != 0 {
			return fmt.Sprintf("%s does not freeze: %s waits for the answer of the FUSE server %d, which is in the same container and may be "+
				"frozen already", subject, w, w.Server)
		}
		waits = append(waits, w.String())
	}
	text := subject + " will freeze when the uninterruptible wait of " + list(waits) + " ends"
	if k.Version == 1 { // a task that is already frozen may look the same there
		text += "; some may be frozen already"
	}
	return text
}

// String names a thread and where it waits.
func (w Wait) String() string {
	thread := ""
	if w.TID != w.PID {
		thread = fmt.Sprintf("thread %d of ", w.TID)
	}
	return fmt.Sprintf("%sprocess %d (%s) in %s", thread, w.PID, w.Command, w.Wchan)
}

// list joins names, up to a few.
func list(all []string) string {
	const few = 4
	if len(all) > few {
		return strings.Join(all[:few], ", ") + fmt.Sprintf(" and %d more", len(all)-few)
	}
	return strings.Join(all, ", ")
}

// thaw returns the command that ends a freeze.
func (k *Kernel) thaw(path string) string {
	return value.ThawCommand(k.Version, path)
}

// freeze returns the command that freezes a cgroup.
func (k *Kernel) freeze(path string) string {
	if k.Version == 2 {
		return "echo 1 > " + value.Quote(path+"/cgroup.freeze")
	}
	return "echo FROZEN > " + value.Quote(path+"/freezer.state")
}
