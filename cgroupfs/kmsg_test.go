package cgroupfs

import (
	"os"
	"strings"
	"testing"
)

func TestParseOOMVictim(t *testing.T) {
	const (
		id   = "26587a0b321669ad2fa7578bcb464d5230ce1a79d70f8e7280166e039cbeef89"
		head = "6,1234,1662392041,-;oom-kill:constraint="
	)
	for _, test := range []struct {
		name, record string
		want         OOMVictim
		host, nodes  bool // what had run out
	}{
		{
			name: "the limit of its cgroup", // as Linux 6.18 logged it
			record: head + "CONSTRAINT_MEMCG,nodemask=(null),cpuset=" + id + ",mems_allowed=0,oom_memcg=/docker/" + id +
				",task_memcg=/docker/" + id + ",task=tail,pid=21116,uid=0\n",
			want: OOMVictim{21116, "tail", "CONSTRAINT_MEMCG", "/docker/" + id, "/docker/" + id},
		},
		{
			name: "the limit of an ancestor",
			record: head + "CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/docker,task_memcg=/docker/" + id +
				"/init,task=systemd,pid=7,uid=1000\n",
			want: OOMVictim{7, "systemd", "CONSTRAINT_MEMCG", "/docker", "/docker/" + id + "/init"},
		},
		{
			name: "the host's memory",
			record: head + "CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/system.slice/docker-" + id +
				".scope,task=java,pid=5678,uid=0\n",
			want: OOMVictim{5678, "java", "CONSTRAINT_NONE", "", "/system.slice/docker-" + id + ".scope"},
			host: true,
		},
		{
			name: "the nodes of a cpuset",
			record: head + "CONSTRAINT_CPUSET,nodemask=(null),cpuset=" + id + ",mems_allowed=1,global_oom,task_memcg=/docker/" + id +
				",task=java,pid=5678,uid=0\n",
			want:  OOMVictim{5678, "java", "CONSTRAINT_CPUSET", "", "/docker/" + id},
			nodes: true,
		},
		{
			name: "the nodes of a memory policy",
			record: head + "CONSTRAINT_MEMORY_POLICY,nodemask=0-1,cpuset=/,mems_allowed=0-3,global_oom,task_memcg=/docker/" + id +
				",task=numactl,pid=5678,uid=0\n",
			want:  OOMVictim{5678, "numactl", "CONSTRAINT_MEMORY_POLICY", "", "/docker/" + id},
			nodes: true,
		},
		{
			name:   "a process named x,pid=1",
			record: head + "CONSTRAINT_MEMCG,nodemask=(null),oom_memcg=/a,task_memcg=/a,task=x,pid=1,uid=0,pid=42,uid=0\n",
			want:   OOMVictim{42, "x,pid=1,uid=0", "CONSTRAINT_MEMCG", "/a", "/a"},
		},
		{
			name:   "keys of a device",
			record: head + "CONSTRAINT_MEMCG,oom_memcg=/a,task_memcg=/a,task=x,pid=42,uid=0\n SUBSYSTEM=pci\n",
			want:   OOMVictim{42, "x", "CONSTRAINT_MEMCG", "/a", "/a"},
		},
	} {
		got, ok := parseOOMVictim([]byte(test.record))
		if !ok || got != test.want {
			t.Errorf("%s: %+v, %t; want %+v", test.name, got, ok, test.want)
		}
		if host, nodes := got.OutOfHostMemory(), got.OutOfNodeMemory(); host != test.host || nodes != test.nodes {
			t.Errorf("%s: out of host memory %t, of node memory %t", test.name, host, nodes)
		}
	}
	for _, record := range []string{
		"", "6,1,2,-", "6,1,2,-;", "4,1,2,-;tail invoked oom-killer: gfp_mask=0xcc0",
		"3,1,2,-;Memory cgroup out of memory: Killed process 21116 (tail) total-vm:18024kB", // names no cgroup
		head + "CONSTRAINT_MEMCG",
		head + "CONSTRAINT_MEMCG,task_memcg=/a",
		head + "CONSTRAINT_MEMCG,task_memcg=/a,task=x",
		head + "CONSTRAINT_MEMCG,task_memcg=/a,task=x,pid=",
		head + "CONSTRAINT_MEMCG,task_memcg=/a,task=x,pid=-1,uid=0",
		head + "CONSTRAINT_MEMCG,task_memcg=/a,task=x,pid=99999999999,uid=0",
		"14,1,2,-;oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/a,task_memcg=/a,task=x,pid=1,uid=0", // from user space
		";oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/a,task_memcg=/a,task=x,pid=1,uid=0",
	} {
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

// A record that was written from user space is not taken for the kernel's, and earlier records are not read. Writing needs
// root.
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
	const record = "<6>oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/haltscope-forged,task_memcg=/haltscope-forged,task=x,pid=42,uid=0\n"
	if _, err := out.WriteString(record); err != nil {
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
