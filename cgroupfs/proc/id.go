package proc

import "fmt"

// ID identifies a process until the machine reboots: the kernel reuses a PID, but not together with the same start time.
type ID struct {
	PID       int
	StartTime uint64 // clock ticks since boot
}

// ID returns the identity of the process that was read.
func (s Stat) ID() ID { return ID{s.PID, s.StartTime} }

// ID returns the identity of the process.
func (p *Process) ID() ID { return ID{p.PID, p.StartTime} }

// Check reads /proc/PID/stat, and returns an error unless the process still exists. The error wraps [ErrNoProcess] if the
// process is gone, whether or not another one has its PID now.
func (id ID) Check() error {
	stat, err := ReadStat(id.PID)
	if err != nil {
		return err
	}
	if stat.ID() != id {
		return fmt.Errorf("process %d: %w: its PID was reused", id.PID, ErrNoProcess)
	}
	return nil
}
