package proc

import (
	"bufio"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestDescendants(t *testing.T) {
	cmd := exec.Command("sh", "-c", "sleep 1000 & echo $!; wait")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	grandchild, errNumber := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || errNumber != nil {
		t.Fatalf("%q, %v, %v", line, err, errNumber)
	}
	p, err := OpenProcess(grandchild)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	all, err := Descendants(os.Getpid())
	for _, pid := range []int{cmd.Process.Pid, grandchild} {
		if !slices.ContainsFunc(all, func(s Stat) bool { return s.PID == pid }) {
			t.Errorf("%d is not among %+v, %v", pid, all, err)
		}
	}
	if all, err := Descendants(grandchild); len(all) > 0 || err != nil {
		t.Errorf("a process without children: %+v, %v", all, err)
	}
	if err := p.Signal(9); err != nil {
		t.Error(err)
	}
	if _, err := p.AwaitEnd(t.Context()); err != nil {
		t.Error(err)
	}
	cmd.Wait()
}
