package drift

import (
	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
)

// Docker is what Docker says about a container.
type Docker struct {
	Podman          bool   // the engine is podman, whose stats count differently
	Status          string // docker inspect, State.Status
	Running, Paused bool
	OOMKilled       bool
	Processes       []int    // docker top, in the host's PID namespace; nil if it failed
	ProcessesError  string   // why docker top failed
	StatsMemory     *float64 // docker stats, in bytes, rounded to four digits; nil if it had no sample
	StatsCPU        *float64 // docker stats, in percent of one core; nil if it had no sample
	MemoryLimit     int64    // bytes; 0 for none
	CPULimit        float64  // cores; 0 for none
	PidsLimit       int64    // 0 or −1 for none
	MemorySwap      int64    // memory and swap together, in bytes; 0 if not set, −1 for none
	PolicyOff       string   // the restart policy, that it is off, and why, as a clause that begins with its name; "" for not known to be off
	Policy          string   // the restart policy, if whether it is off is not known
	PolicyOffError  string   // why that is not known
	Cpuset          string   // the CPUs it may use, as in docker run --cpuset-cpus; "" for all
}

// hasProcess reports whether Docker says that there is a process. While a container waits for its restart policy, Docker calls
// it running although it has none (moby, container/state.go, SetRestarting).
func (d *Docker) hasProcess() bool { return d.Running && d.Status != "restarting" }

func (d *Docker) tool() string {
	if d.Podman {
		return "podman"
	}
	return "docker"
}

// Kernel is what the kernel says about a container, read right before and right after Docker was asked.
type Kernel struct {
	Exists        bool // its cgroup was found
	Version       int  // of its cgroup: 1 or 2
	Path          string
	Before, After cgroupfs.Reading
	MembersBefore []int
	MembersAfter  []int
	MembersError  string        // why the members could not be listed
	Populated     figure.Figure // cgroup.events: populated, where the members were not listed
	// Ending is that the cgroup is populated, and its members were listed, and there are none: those that are left are ending. Since
	// Linux 7.0, cgroup.procs lists no process that is (kernel/cgroup/cgroup.c, css_task_iter_advance).
	Ending  bool
	Details cgroupfs.Details
	Cpuset  figure.CPUList // the CPUs that its tasks may use
	Online  figure.CPUList // of the host
	Batch   uint64         // bytes that the kernel may charge in advance
	Waiting []Wait         // threads in uninterruptible sleep, which cannot be frozen
	Sources map[string]string
	Below   []cgroupfs.FrozenBelow
	Zombies []Zombie // children that its processes have not waited for
	// FirstThreadEnded is its main process if that process's first thread has ended and others live on, or nil.
	FirstThreadEnded *MainProcess
}

// MainProcess names the first process of a container.
type MainProcess struct {
	PID     int
	Command string
}

// Zombie says how many ended children a process has not waited for.
type Zombie struct {
	PID     int // of the parent
	Command string
	Count   int
}

// Wait is a thread in uninterruptible sleep (state D), or one that waits for the answer of a FUSE server.
type Wait struct {
	PID, TID int
	Command  string
	Wchan    string // the kernel function in which it sleeps
	Fuse     bool   // for a FUSE server
	Server   int    // the PID of a FUSE server in the same container; 0 for none
}

// frozen reports whether the last reading says that the container is frozen.
func (k *Kernel) frozen() bool { return k.After.Freezer.Frozen.Is(1) }

// populated reports whether the cgroup has processes.
func (k *Kernel) populated() bool {
	return k.Exists && (len(k.MembersAfter) > 0 || k.MembersError != "" || k.Populated.Is(1) || k.Ending)
}
