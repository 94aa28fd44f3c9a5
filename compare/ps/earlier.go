package ps

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"haltscope/cgroupfs/trace"
)

// earlierFile keeps the CPU counters of the last call. /run is emptied when the machine boots.
const earlierFile = "/run/haltscope/ps.json"

// leastWindow is the least time over which CPU use is measured by default: a quota (cpu.max) is refilled every 100 ms as a rule, so a
// shorter window tells where in its period a container was.
const leastWindow = time.Second

// earlier holds the CPU counters of an earlier call, by container id.
type earlier struct {
	AtUsec     int64              `json:"at_usec"` // CLOCK_MONOTONIC
	Containers map[string]counter `json:"containers"`
}

// counter is the CPU time of a cgroup.
type counter struct {
	Inode     uint64 `json:"inode"` // of its folder: a restarted container has another cgroup
	UsageUsec uint64 `json:"usage_usec"`
}

// readEarlier reads the counters of an earlier call; nil if there was none since the machine has booted.
func readEarlier(file string, now time.Duration) (*earlier, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	e := &earlier{}
	if err := json.Unmarshal(data, e); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if e.AtUsec < 0 || e.at() > now {
		return nil, fmt.Errorf("%s: its time, %d µs after the boot, is in the future", file, e.AtUsec)
	}
	return e, nil
}

// at returns the time of the counters since boot.
func (e *earlier) at() time.Duration { return time.Duration(e.AtUsec) * time.Microsecond }

// write replaces the file. Of two calls at a time the last one counts.
func (e *earlier) write(file string) error {
	dir := filepath.Dir(file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	next, err := os.CreateTemp(dir, filepath.Base(file))
	if err != nil {
		return err
	}
	_, err = next.Write(data)
	if err = errors.Join(err, next.Close()); err == nil {
		err = os.Rename(next.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(next.Name()))
	}
	return nil
}

// sinceBoot returns the time of a reading by the clock of [earlier].
func sinceBoot(at time.Time) time.Duration { return trace.Now() - time.Since(at) }
