package cgroupfs

import (
	"os"
	"strings"
	"testing"
)

func TestParseOOMVictim(t *testing.T) {
	const id = "26587a0b321669ad2fa7578bcb464d5230ce1a79d70f8e7280166e039cbeef89"
	const head = "6,1234,1662392041,-;oom-kill:constraint="
	for _, test := range []struct {
		name, record string
		want         OOMVictim
	}{
		// As Linux 6.18 wrote it.
		{"of a limit", head + "CONSTRAINT_MEMCG,nodemask=(null),cpuset=" + id + ",mems_allowed=0,oom_memcg=/docker/" + id + ",task_memcg=/docker/" + id + ",task=tail,pid=21116,uid=0\n",
			OOMVictim{21116, "tail", "CONSTRAINT_MEMCG", "/docker/" + id, "/docker/" + id}},
		{"of an ancestor's limit", head + "CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/docker,task_memcg=/docker/" + id + "/init,task=systemd,pid=7,uid=1000\n",
			OOMVictim{7, "systemd", "CONSTRAINT_MEMCG", "/docker", "/docker/" + id + "/init"}},
		{"of the machine", head + "CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/system.slice/docker-" + id + ".scope,task=java,pid=5678,uid=0\n",
			OOMVictim{5678, "java", "CONSTRAINT_NONE", "", "/system.slice/docker-" + id + ".scope"}},
		{"of the nodes of a cpuset", head + "CONSTRAINT_CPUSET,nodemask=(null),cpuset=" + id + ",mems_allowed=1,global_oom,task_memcg=/docker/" + id + ",task=java,pid=5678,uid=0\n",
			OOMVictim{5678, "java", "CONSTRAINT_CPUSET", "", "/docker/" + id}},
		{"of the nodes of a memory policy", head + "CONSTRAINT_MEMORY_POLICY,nodemask=0-1,cpuset=/,mems_allowed=0-3,global_oom,task_memcg=/docker/" + id + ",task=numactl,pid=5678,uid=0\n",
			OOMVictim{5678, "numactl", "CONSTRAINT_MEMORY_POLICY", "", "/docker/" + id}},
		{"of a program that calls itself ,pid=1", head + "CONSTRAINT_MEMCG,nodemask=(null),oom_memcg=/a,task_memcg=/a,task=x,pid=1,uid=0,pid=42,uid=0\n",
			OOMVictim{42, "x,pid=1,uid=0", "CONSTRAINT_MEMCG", "/a", "/a"}},
		{"with a device's keys", head + "CONSTRAINT_MEMCG,oom_memcg=/a,task_memcg=/a,task=x,pid=42,uid=0\n SUBSYSTEM=pci\n",
			OOMVictim{42, "x", "CONSTRAINT_MEMCG", "/a", "/a"}},
	} {
		if got, ok := parseOOMVictim([]byte(test.record)); !ok || got != test.want {
			t.Errorf("%s: %+v, %t; wanted %+v", test.name, got, ok, test.want)
		} else if whole, nodes := strings.HasPrefix(test.name, "of the machine"), strings.HasPrefix(test.name, "of the nodes"); got.Whole() != whole || got.Nodes() != nodes {
			t.Errorf("%s: the machine's memory %t, that of nodes %t", test.name, got.Whole(), got.Nodes())
		}
	}
	for _, record := range []string{"", "6,1,2,-", "6,1,2,-;", "4,1,2,-;tail invoked oom-killer: gfp_mask=0xcc0",
		"3,1,2,-;Memory cgroup out of memory: Killed process 21116 (tail) total-vm:18024kB", // tells no cgroup
		head + "CONSTRAINT_MEMCG", head + "CONSTRAINT_MEMCG,task_memcg=/a", head + "CONSTRAINT_MEMCG,task_memcg=/a,task=x", head + "CONSTRAINT_MEMCG,task_memcg=/a,task=x,pid=",
		head + "CONSTRAINT_MEMCG,task_memcg=/a,task=x,pid=-1,uid=0", head + "CONSTRAINT_MEMCG,task_memcg=/a,task=x,pid=99999999999,uid=0",
		"14,1,2,-;oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/a,task_memcg=/a,task=x,pid=1,uid=0", // from userspace
		";oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/a,task_memcg=/a,task=x,pid=1,uid=0"} {
		if v, ok := parseOOMVictim([]byte(record)); ok {
			t.Errorf("%q: %+v", record, v)
		}
	}
}

func FuzzParseOOMVictim(f *testing.F) {
	f.Add([]byte("6,1234,1662392041,-;oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/a,task_memcg=/a,task=x,pid=42,uid=0\n"))
	f.Add([]byte("6,1,2,c;oom-kill:constraint=CONSTRAINT_NONE,global_oom,task_memcg=,task=,pid=1,uid=0"))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, ok := parseOOMVictim(data)
		if !ok {
			return
		}
		if v.PID <= 0 {
			t.Errorf("process %d in %q", v.PID, data)
		}
		for _, part := range []string{v.Name, v.Constraint, v.LimitOf, v.Cgroup} {
			if !strings.Contains(string(data), part) {
				t.Errorf("%q, which is not in %q", part, data)
			}
		}
	})
}

// TestKernelLog: what is written to the log from userspace cannot pass for the kernel's, and what was there before is not
// read. Writing takes root.
func TestKernelLog(t *testing.T) {
	l, err := OpenKernelLog()
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	out, err := os.OpenFile(kernelLog, os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer out.Close()
	if _, err := out.WriteString("<6>oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/haltscope-forged,task_memcg=/haltscope-forged,task=x,pid=42,uid=0\n"); err != nil {
		t.Skip(err)
	}
	if _, err := l.Victims(func(v OOMVictim) {
		if v.Cgroup == "/haltscope-forged" {
			t.Errorf("taken for the kernel's own: %+v", v)
		}
	}); err != nil {
		t.Error(err)
	}
}
