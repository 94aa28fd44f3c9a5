package drift

import (
	"slices"
	"strings"
	"testing"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/value"
)

func n(v uint64) figure.Figure { return figure.Number(v) }

var (
	unlimited = figure.Without(figure.Max)
	gone      = figure.Without(figure.Vanished)
)

const path = "/sys/fs/cgroup/docker/c"

// running returns a container about which both sides agree: two processes, and 100 MiB with 30 MiB of inactive page cache.
func running() (*Docker, *Kernel) {
	memory, cpu := 70.0*(1<<20), 10.0
	at := time.Unix(1000, 0)
	reading := cgroupfs.Reading{At: at, Freezer: cgroupfs.Freezer{Requested: n(0), Frozen: n(0)}, CPUUsage: n(1_000_000),
		Memory: cgroupfs.Memory{Current: n(100 << 20), InactiveFile: n(30 << 20), OOMKill: n(0)}}
	later := reading
	later.At, later.CPUUsage = at.Add(2*time.Second), n(1_200_000)
	k := &Kernel{Exists: true, Version: 2, Path: path, Before: reading, After: later, MembersBefore: []int{7, 9}, MembersAfter: []int{7, 9},
		Batch: 512 << 10}
	k.Details.MemoryLimit = cgroupfs.Limit{Own: unlimited, Effective: unlimited}
	k.Details.PidsLimit = cgroupfs.Limit{Own: unlimited, Effective: unlimited}
	k.Details.CPULimit = cgroupfs.CPULimit{Own: cgroupfs.CPUQuota{QuotaUsec: unlimited, PeriodUsec: n(100000)}}
	k.Details.V2.SwapLimit = cgroupfs.Limit{Own: unlimited, Effective: unlimited}
	k.Cpuset, k.Online = cpus("0-3"), cpus("0-3")
	return &Docker{Status: "running", Running: true, Processes: []int{9, 7}, StatsMemory: &memory, StatsCPU: &cpu}, k
}

func cpus(list string) figure.CPUList { return figure.ParseCPUList(list) }

// held returns the same container, paused.
func held() (*Docker, *Kernel) {
	d, k := running()
	*d.StatsCPU = 0
	d.Status, d.Paused = "paused", true
	k.After.CPUUsage = k.Before.CPUUsage
	k.Before.Freezer = cgroupfs.Freezer{Requested: n(1), By: path, Frozen: n(1)}
	k.After.Freezer = k.Before.Freezer
	return d, k
}

// TestQuestions checks that a change on one side changes the answer to its own question only.
func TestQuestions(t *testing.T) {
	for _, c := range []struct {
		name   string
		of     func() (*Docker, *Kernel)
		change func(*Docker, *Kernel)
		differ string // the questions on which the two sides differ
		open   string // the questions without an answer
	}{
		{"running, no difference", running, func(*Docker, *Kernel) {}, "", ""},
		{"paused, no difference", held, func(*Docker, *Kernel) {}, "", ""},
		{"frozen outside docker", running, func(d *Docker, k *Kernel) {
			k.After.Freezer = cgroupfs.Freezer{Requested: n(1), By: path, Frozen: n(1)}
		}, "paused frozen", ""},
		{"freeze requested, not yet complete", running, func(d *Docker, k *Kernel) { k.After.Freezer.Requested, k.After.Freezer.By = n(1), path },
			"paused", ""},
		{"thawed outside docker", held, func(d *Docker, k *Kernel) { k.After.Freezer = cgroupfs.Freezer{Requested: n(0), Frozen: n(0)} },
			"paused frozen", ""},
		{"frozen by a parent", running, func(d *Docker, k *Kernel) {
			k.After.Freezer = cgroupfs.Freezer{Requested: n(1), By: "/sys/fs/cgroup/docker", Above: "/sys/fs/cgroup/docker", Frozen: n(1)}
		}, "frozen", ""},
		{"the freezer vanished", running, func(d *Docker, k *Kernel) { k.After.Freezer = cgroupfs.Freezer{Requested: gone, Frozen: gone} }, "",
			"paused frozen"},
		{"memory: more than rounding", held, func(d *Docker, k *Kernel) { *d.StatsMemory = 80 << 20 }, "memory", ""},
		{"memory: within what is charged in advance", held, func(d *Docker, k *Kernel) { *d.StatsMemory += 400 << 10 }, "", ""},
		{"memory of a running one may have changed", running, func(d *Docker, k *Kernel) { *d.StatsMemory = 80 << 20 }, "", "memory"},
		{"memory: more inactive page cache than is charged, which docker ignores", held, func(d *Docker, k *Kernel) {
			k.Before.Memory.InactiveFile, k.After.Memory.InactiveFile = n(200<<20), n(200<<20)
			*d.StatsMemory = 100 << 20
		}, "", ""},
		{"docker had no sample", held, func(d *Docker, k *Kernel) { d.StatsMemory, d.StatsCPU = nil, nil }, "", "memory cpu"},
		{"cpu of a frozen one", held, func(d *Docker, k *Kernel) { *d.StatsCPU = 30 }, "cpu", ""},
		{"cpu of one that works in bursts", running, func(d *Docker, k *Kernel) { *d.StatsCPU = 90 }, "", "cpu"},
		{"the counter fell: it belongs to another cgroup", running, func(d *Docker, k *Kernel) { k.After.CPUUsage = n(5) }, "", "cpu"},
		{"a process that docker does not list", held, func(d *Docker, k *Kernel) { d.Processes = []int{7} }, "processes", ""},
		{"a process that the cgroup does not hold", held, func(d *Docker, k *Kernel) { d.Processes = []int{7, 9, 11} }, "processes", ""},
		{"a process began meanwhile", running, func(d *Docker, k *Kernel) { k.MembersAfter = []int{7, 9, 11} }, "", ""},
		{"docker top was refused", running, func(d *Docker, k *Kernel) { d.Processes, d.ProcessesError = nil, "no" }, "", "processes"},
		{"a limit that the kernel does not have", running, func(d *Docker, k *Kernel) { d.MemoryLimit = 64 << 20 }, "memory limit", ""},
		{"a limit rounded to pages", running, func(d *Docker, k *Kernel) {
			d.MemoryLimit = 64<<20 + 100
			k.Details.MemoryLimit = cgroupfs.Limit{Own: n(64 << 20), Effective: n(64 << 20), By: path}
		}, "", ""},
		{"a limit that Docker does not know of", running, func(d *Docker, k *Kernel) {
			k.Details.PidsLimit = cgroupfs.Limit{Own: n(10), Effective: n(10), By: path}
		}, "pids limit", ""},
		{"a parent's limit is not the container's", running, func(d *Docker, k *Kernel) {
			k.Details.MemoryLimit = cgroupfs.Limit{Own: unlimited, Effective: n(1 << 30), By: "/sys/fs/cgroup/docker"}
		}, "", ""},
		{"half a core", running, func(d *Docker, k *Kernel) {
			d.CPULimit = 0.5
			k.Details.CPULimit.Own = cgroupfs.CPUQuota{QuotaUsec: n(50000), PeriodUsec: n(100000)}
		}, "", ""},
		{"another quota", running, func(d *Docker, k *Kernel) {
			d.CPULimit = 2
			k.Details.CPULimit.Own = cgroupfs.CPUQuota{QuotaUsec: n(50000), PeriodUsec: n(100000)}
		}, "cpu limit", ""},
		{"a kernel without the pids controller", running, func(d *Docker, k *Kernel) {
			k.Details.PidsLimit.Own = figure.Without(figure.Unsupported)
		}, "", "pids limit"},
		{"waiting for its restart policy", running, func(d *Docker, k *Kernel) { d.Status, k.Exists = "restarting", false }, "", ""},
		{"CPUs as docker set them", running, func(d *Docker, k *Kernel) { d.Cpuset, k.Cpuset = "0,1", cpus("0-1") }, "", ""},
		{"CPUs in any order", running, func(d *Docker, k *Kernel) { d.Cpuset, k.Cpuset = "2,0-1,1", cpus("0-2") }, "", ""},
		{"CPUs in an unknown format", running, func(d *Docker, k *Kernel) { d.Cpuset, k.Cpuset = "a", cpus("0-2") }, "", "cpuset"},
		{"CPUs of which one is not online", running, func(d *Docker, k *Kernel) { d.Cpuset, k.Cpuset = "1-9", cpus("1-3") }, "", ""},
		{"CPUs removed by another process", running, func(d *Docker, k *Kernel) { k.Cpuset = cpus("0") }, "cpuset", ""},
		{"a kernel without the cpuset controller", running, func(d *Docker, k *Kernel) { k.Cpuset = figure.CPUList{State: figure.Unsupported} },
			"", "cpuset"},
		{"swap as docker limits it", running, func(d *Docker, k *Kernel) {
			d.MemoryLimit, d.MemorySwap = 64<<20, 100<<20
			k.Details.MemoryLimit = cgroupfs.Limit{Own: n(64 << 20), Effective: n(64 << 20), By: path}
			k.Details.V2.SwapLimit.Own = n(36 << 20)
		}, "", ""},
		{"no swap, as docker set it", running, func(d *Docker, k *Kernel) {
			d.MemoryLimit, d.MemorySwap = 64<<20, 64<<20
			k.Details.MemoryLimit = cgroupfs.Limit{Own: n(64 << 20), Effective: n(64 << 20), By: path}
			k.Details.V2.SwapLimit.Own = n(0)
		}, "", ""},
		{"no swap, and docker does not know", running, func(d *Docker, k *Kernel) { k.Details.V2.SwapLimit.Own = n(0) }, "swap limit", ""},
		{"memory and swap together, on v1", running, func(d *Docker, k *Kernel) {
			k.Version = 1
			d.MemoryLimit, d.MemorySwap = 64<<20, 100<<20
			k.Details.MemoryLimit = cgroupfs.Limit{Own: n(64 << 20), Effective: n(64 << 20), By: path}
			k.Details.V1.MemswLimit.Own = n(100 << 20)
		}, "", ""},
		{"killed by the OOM killer, and docker has not reported it yet", running, func(d *Docker, k *Kernel) { k.After.Memory.OOMKill = n(1) },
			"oom-killed", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, k := c.of()
			c.change(d, k)
			var differ, open []string
			for _, q := range Questions(d, k) {
				if q.Docker == "" || q.Kernel == "" {
					t.Errorf("%s has no answer in words: %+v", q.Question, q)
				}
				if agree, ok := q.Agree.Get(); !ok {
					open = append(open, q.Question)
				} else if !agree {
					differ = append(differ, q.Question)
				}
			}
			if got := strings.Join(differ, " "); got != c.differ {
				t.Errorf("differ on %q, want %q", got, c.differ)
			}
			if got := strings.Join(open, " "); got != c.open {
				t.Errorf("no answer to %q, want %q", got, c.open)
			}
		})
	}
}

// TestPidsLimitBySystemd checks that a limit set by systemd, not by Docker, is named.
func TestPidsLimitBySystemd(t *testing.T) {
	for _, c := range []struct {
		path string
		own  figure.Figure
		set  int64
		want string
	}{
		{path + ".scope", n(2356), 0, "2356, systemd's DefaultTasksMax"},
		{path + ".scope", n(2356), -1, "2356, systemd's DefaultTasksMax"},
		{path + ".scope", n(50), 50, "50"},
		{path + ".scope", unlimited, 0, "none"},
		{path, n(2356), 0, "2356"},
	} {
		d, k := running()
		k.Path, d.PidsLimit = c.path, c.set
		k.Details.PidsLimit = cgroupfs.Limit{Own: c.own, Effective: c.own, By: c.path}
		if got := pidsLimit(d, k).Kernel; got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestQuestionsAboutAnEndedContainer(t *testing.T) {
	q := Questions(&Docker{Status: "exited"}, &Kernel{})
	if agree, ok := q[0].Agree.Get(); len(q) != 1 || !ok || !agree {
		t.Errorf("%+v", q)
	}
	q = Questions(&Docker{Status: "running", Running: true}, &Kernel{})
	if agree, ok := q[0].Agree.Get(); !ok || agree {
		t.Errorf("%+v", q)
	}
}

// TestFindings checks that each known disagreement is found, with a fix, and that nothing else is.
func TestFindings(t *testing.T) {
	const above = "/sys/fs/cgroup/docker"
	frozen := cgroupfs.Freezer{Requested: n(1), By: path, Frozen: n(1)}
	below := []cgroupfs.FrozenBelow{{Path: path + "/in", Frozen: n(1), Members: []int{9}}}
	for _, c := range []struct {
		name   string
		of     func() (*Docker, *Kernel)
		change func(*Docker, *Kernel)
		want   document.FindingKind // several kinds are separated by blanks
		text   string               // in the texts and fixes
	}{
		{"running", running, func(*Docker, *Kernel) {}, "", ""},
		{"paused", held, func(*Docker, *Kernel) {}, "", ""},
		{"frozen outside docker", running, func(d *Docker, k *Kernel) { k.After.Freezer = frozen }, FrozenOutsideDocker,
			"echo 0 > " + path + "/cgroup.freeze"},
		{"frozen outside docker, on v1", running, func(d *Docker, k *Kernel) { k.Version, k.After.Freezer = 1, frozen }, FrozenOutsideDocker,
			"echo THAWED > " + path + "/freezer.state"},
		{"a pause that failed and will freeze later", running, func(d *Docker, k *Kernel) {
			k.After.Freezer = cgroupfs.Freezer{Requested: n(1), By: path, Frozen: n(0)}
			k.Waiting = []Wait{{PID: 9, TID: 9, Command: "dd", Wchan: "folio_wait_bit"}}
		}, FreezeIncomplete, "It will freeze when the uninterruptible wait of process 9 (dd) in folio_wait_bit ends"},
		{"thawed outside docker", held, func(d *Docker, k *Kernel) { k.After.Freezer = cgroupfs.Freezer{Requested: n(0), Frozen: n(0)} },
			ThawedOutsideDocker, "echo 1 > " + path + "/cgroup.freeze && docker unpause c"},
		{"docker's pause is not complete", held, func(d *Docker, k *Kernel) { k.After.Freezer.Frozen = n(0) }, PauseIncomplete, "will freeze"},
		{"a parent is frozen", running, func(d *Docker, k *Kernel) {
			k.After.Freezer = cgroupfs.Freezer{Requested: n(1), By: above, Above: above, Frozen: n(1)}
		}, FrozenAbove, "echo 0 > " + above + "/cgroup.freeze"},
		{"a parent whose name needs quoting", running, func(d *Docker, k *Kernel) {
			odd := "/sys/fs/cgroup/a \x1b[31m$(reboot)'"
			k.After.Freezer = cgroupfs.Freezer{Requested: n(1), By: odd, Above: odd, Frozen: n(1)}
		}, FrozenAbove, `echo 0 > $'/sys/fs/cgroup/a \e[31m$(reboot)\'/cgroup.freeze'`},
		{"paused, and a parent is frozen too", held, func(d *Docker, k *Kernel) { k.After.Freezer.Above = above }, FrozenAbove, "change nothing"},
		{"frozen outside docker, and a parent too", running, func(d *Docker, k *Kernel) {
			k.After.Freezer = frozen
			k.After.Freezer.Above = above
		}, FrozenOutsideDocker + " " + FrozenAbove, ""},
		{"paused below a frozen parent, and thawed itself", held, func(d *Docker, k *Kernel) {
			k.After.Freezer = cgroupfs.Freezer{Requested: n(1), By: above, Above: above, Frozen: n(1)}
		}, ThawedOutsideDocker + " " + FrozenAbove, "echo 1 > " + path + "/cgroup.freeze && docker unpause c"},
		{"a parent is asked to freeze, and one of its tasks does not", running, func(d *Docker, k *Kernel) {
			k.After.Freezer = cgroupfs.Freezer{Requested: n(1), By: above, Above: above, Frozen: n(0)}
			k.Waiting = []Wait{{PID: 9, TID: 9, Command: "dd", Wchan: "folio_wait_bit"}}
		}, FrozenAbove, "is being frozen, and the container with it. The container will freeze when the uninterruptible wait of process 9 " +
			"(dd) in folio_wait_bit ends"},
		{"waiting for its restart policy", running, func(d *Docker, k *Kernel) { d.Status, k.Exists = "restarting", false }, "", ""},
		{"frozen, and using CPU time", held, func(d *Docker, k *Kernel) { k.After.CPUUsage = n(1_100_000) }, FrozenYetRunning,
			"5.00 % of a core"},
		{"frozen, and woken by signals", held, func(d *Docker, k *Kernel) { k.After.CPUUsage = n(1_000_300) }, "", ""},
		{"docker has not noticed its end", running, func(d *Docker, k *Kernel) { k.Exists = false }, Gone, ""},
		{"empty", running, func(d *Docker, k *Kernel) { k.MembersAfter = nil }, Gone, ""},
		{"its last process is ending", running, func(d *Docker, k *Kernel) { k.MembersAfter, k.Ending = nil, true }, "", ""},
		{"it has ended, and a process of it is ending", running, func(d *Docker, k *Kernel) {
			d.Running, d.Status, k.MembersAfter, k.Ending = false, "exited", nil, true
		}, "", ""},
		{"members not listed, and populated on v2", running, func(d *Docker, k *Kernel) { k.MembersAfter, k.Populated = nil, n(1) }, "", ""},
		{"it has ended", running, func(d *Docker, k *Kernel) { d.Running, k.Exists = false, false }, "", ""},
		{"it has ended, and its processes have not", running, func(d *Docker, k *Kernel) {
			d.Running, d.Status, k.MembersAfter = false, "exited",
				[]int{7, 9}
		}, Outlived, "kill -KILL 7 9 #"},
		{"its first thread has ended", running, func(d *Docker, k *Kernel) { k.FirstThreadEnded = &MainProcess{7, "app"} }, FirstThreadEnded,
			"kill -TERM 7 # on the host"},
		{"its first thread has ended, and Docker says exited", running, func(d *Docker, k *Kernel) {
			d.Running, d.Status, k.FirstThreadEnded = false, "exited", &MainProcess{7, "app"}
		}, Outlived, "kill -KILL"},
		{"a cgroup below is frozen", running, func(d *Docker, k *Kernel) { k.Below = below }, FrozenBelow,
			"echo 0 > " + path + "/in/cgroup.freeze"},
		{"a cgroup below is frozen, on v1", running, func(d *Docker, k *Kernel) { k.Version, k.Below = 1, below }, FrozenBelow,
			"not even SIGKILL"},
		{"two cgroups below are frozen", running, func(d *Docker, k *Kernel) {
			k.Below = append(slices.Clone(below), cgroupfs.FrozenBelow{Path: path + "/out", Frozen: n(0), Members: []int{10, 11}})
		}, FrozenBelow, "are being frozen, with 3 processes"},
		{"its tasks fill its limit", running, func(d *Docker, k *Kernel) {
			k.After.Pids, k.Details.PidsEvents = n(20), n(3)
			k.Details.PidsLimit = cgroupfs.Limit{Own: n(20), Effective: n(20), By: path}
		}, PidsLimit, "3 forks have failed so far\ndocker update --pids-limit 40 c #"},
		{"its tasks fill a parent's limit", running, func(d *Docker, k *Kernel) {
			k.After.Pids = n(20)
			k.Details.PidsLimit = cgroupfs.Limit{Own: unlimited, Effective: n(20), By: above}
		}, PidsLimit + " " + LimitedAbove, "echo 40 > " + above + "/pids.max #"},
		{"zombies fill its limit", running, func(d *Docker, k *Kernel) {
			k.After.Pids, k.Zombies = n(5), []Zombie{{PID: 7, Command: "app", Count: 4}}
			k.Details.PidsLimit = cgroupfs.Limit{Own: n(5), Effective: n(5), By: path}
		}, PidsLimit + " " + Zombies, "4 of its 5 tasks are zombies of app (7)"},
		{"many zombies", running, func(d *Docker, k *Kernel) {
			k.After.Pids, k.Zombies = n(30), []Zombie{{PID: 7, Command: "app", Count: 12}}
		}, Zombies, "ps --ppid 7 #"},
		{"few zombies", running, func(d *Docker, k *Kernel) {
			k.After.Pids, k.Zombies = n(30), []Zombie{{PID: 7, Command: "app", Count: 2}}
		}, "", ""},
		{"a client of a FUSE server in the same container", running, func(d *Docker, k *Kernel) {
			k.After.Freezer = cgroupfs.Freezer{Requested: n(1), By: path, Frozen: n(0)}
			k.Waiting = []Wait{{PID: 9, TID: 9, Command: "cat", Wchan: "request_wait_answer", Fuse: true, Server: 8}}
		}, FreezeIncomplete, "It does not freeze: process 9 (cat) in request_wait_answer waits for the answer of the FUSE server 8"},
		{"it is about to be started", running, func(d *Docker, k *Kernel) { d.Running, d.Status = false, "created" }, "", ""},
		{"the freezer vanished", running, func(d *Docker, k *Kernel) { k.After.Freezer = cgroupfs.Freezer{Requested: gone, Frozen: gone} }, "",
			""},
		{"a parent limits its memory", running, func(d *Docker, k *Kernel) {
			k.Details.MemoryLimit = cgroupfs.Limit{Own: unlimited, Effective: n(1 << 30), By: above}
		}, LimitedAbove, "1 GiB by its ancestor cgroup " + above},
		{"a parent limits its tasks, on v1", running, func(d *Docker, k *Kernel) {
			k.Version = 1
			k.Details.PidsLimit = cgroupfs.Limit{Own: unlimited, Effective: n(30), By: above}
		}, LimitedAbove, "echo max > " + above + "/pids.max #"},
		{"out of memory, its OOM killer off", running, func(d *Docker, k *Kernel) {
			k.Version = 1
			k.Details.V1.OOMControl = cgroupfs.OOMControl{OOMKillDisable: n(1), UnderOOM: n(1)}
		}, UnderOOM, "docker update --memory"},
		{"out of memory, with its OOM killer on", running, func(d *Docker, k *Kernel) {
			k.Version = 1
			k.Details.V1.OOMControl = cgroupfs.OOMControl{OOMKillDisable: n(0), UnderOOM: n(1)}
		}, "", ""},
		{"a parent limits its CPU time", running, func(d *Docker, k *Kernel) {
			k.Details.CPULimit = cgroupfs.CPULimit{Own: cgroupfs.CPUQuota{QuotaUsec: unlimited},
				Effective: cgroupfs.CPUQuota{QuotaUsec: n(10000), PeriodUsec: n(100000)}, By: above}
		}, LimitedAbove, "limited to 0.10 cores by its ancestor cgroup " + above},
		{"its restart policy is off", running, func(d *Docker, k *Kernel) { d.PolicyOff = "always is off: Docker sent signal 23" },
			RestartPolicyOff, "docker restart c"},
		{"whether its restart policy is off is not known", running, func(d *Docker, k *Kernel) {
			d.Policy, d.PolicyOffError = "always", "reading the daemon's event history: denied"
		}, RestartPolicyUnknown, "restart policy always, and whether a signal of docker kill has turned it off is not known: reading"},
		{"limited by itself", running, func(d *Docker, k *Kernel) {
			k.Details.MemoryLimit = cgroupfs.Limit{Own: n(1 << 30), Effective: n(1 << 30), By: path}
		}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, k := c.of()
			c.change(d, k)
			var kinds []string
			text := ""
			for _, f := range Findings("c", d, k) {
				kinds = append(kinds, string(f.Kind))
				text += f.Text + "\n" + strings.Join(f.Fix, "\n") + "\n"
				if f.Text == "" || len(f.Fix) == 0 && f.Kind != PauseIncomplete {
					t.Errorf("%+v", f)
				}
			}
			if got := strings.Join(kinds, " "); got != string(c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
			if !strings.Contains(text, c.text) {
				t.Errorf("%q is not in:\n%s", c.text, text)
			}
		})
	}
}

func TestList(t *testing.T) {
	if got := list([]string{"a", "b", "c", "d", "e", "f"}); got != "a, b, c, d and 2 more" {
		t.Error(got)
	}
	if got := value.Count(1, "process", "processes"); got != "1 process" {
		t.Error(got)
	}
}
