package why

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"haltscope/compare/systemd"
	"haltscope/dockercli"
)

// maxLog bounds how much of dockerd's log is read, in bytes: its end.
const maxLog = 64 << 20

// usualLogs are where init systems other than systemd put dockerd's log.
var usualLogs = []string{"/var/log/docker.log", "/var/log/docker/docker.log", "/var/log/upstart/docker.log"}

// errNoLog means that dockerd's log was not found.
var errNoLog = errors.New("not found: systemd has no journal of it, and it is in none of the usual files; name it: --daemon-log FILE")

// readDaemonLog reads dockerd's log: the named file; else the file that the process writes to; else systemd's journal; else a file in
// one of the usual places. It returns what it was read from. A log of which only the end was read comes with an error.
func readDaemonLog(ctx context.Context, file string, pid int, started time.Time) (log *dockercli.DaemonLog, from string, err error) {
	if file != "" {
		log, _, err = readLogFile(file)
		return log, file, err
	}
	now := time.Now()
	if written, err := writesTo(pid); err == nil {
		log, whole, err := readLogFile(written)
		return upTo(log, whole, started, now), written, err
	}
	if systemd.Running() {
		log, err := readSystemdJournal(ctx)
		var cut *systemd.CutError
		toEnd := err == nil || errors.As(err, &cut)
		return upTo(log, toEnd, started, now), "journalctl --unit docker", err
	}
	for _, file := range usualLogs {
		log, _, err := readLogFile(file)
		if !errors.Is(err, fs.ErrNotExist) {
			return log, file, err
		}
	}
	return nil, "dockerd's log", errNoLog
}

// upTo returns the log of a dockerd that runs since a time. It covers the time until now if it was read to its end, and if this dockerd
// has written a line of the level info: with another --log-level, it would not report a stop whose grace ran out.
func upTo(log *dockercli.DaemonLog, toEnd bool, started, now time.Time) *dockercli.DaemonLog {
	const rounding = time.Second // some write whole seconds
	if log != nil && toEnd && log.To.Before(now) && !log.To.IsZero() && !log.To.Before(started.Add(-rounding)) {
		log.To = now
	}
	return log
}

// writesTo returns the file that a process writes its errors to.
func writesTo(pid int) (string, error) {
	if pid == 0 {
		return "", fs.ErrNotExist
	}
	link := fmt.Sprintf("/proc/%d/fd/2", pid)
	info, err := os.Stat(link)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fs.ErrNotExist
	}
	path, err := os.Readlink(link)
	if err != nil {
		return "", err
	}
	// It may have been renamed or removed since, or lie in another mount namespace.
	same, err := os.Stat(path)
	if err != nil || !os.SameFile(info, same) {
		return link, nil
	}
	return path, nil
}

// readLogFile reads the last part of a file, and reports whether it read to the end.
func readLogFile(path string) (log *dockercli.DaemonLog, toEnd bool, err error) {
	// O_NONBLOCK: a FIFO without a writer would be waited for.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, false, err
	}
	if !info.Mode().IsRegular() {
		return nil, false, fmt.Errorf("%s is not a regular file", path)
	}
	cut := info.Size() - maxLog
	if cut > 0 {
		if _, err := f.Seek(cut, io.SeekStart); err != nil {
			return nil, false, err
		}
	}
	in := bufio.NewReader(io.LimitReader(f, maxLog))
	if cut > 0 {
		if _, err := in.ReadString('\n'); err != nil { // the rest of a line
			return nil, false, err
		}
	}
	log, err = dockercli.ReadDaemonLog(in)
	toEnd = err == nil
	if toEnd && cut > 0 {
		err = fmt.Errorf("only its last %d MiB were read", maxLog>>20)
	}
	return log, toEnd, err
}

// journalLines is how many of the last lines of dockerd are read in systemd's journal.
const journalLines = 200_000

// readSystemdJournal reads dockerd's log in systemd's journal. Only what dockerd writes to its standard output and error is asked for: with
// the log driver journald, what containers print is in the same unit.
func readSystemdJournal(ctx context.Context) (log *dockercli.DaemonLog, err error) {
	q := &systemd.Query{Matches: []string{"_SYSTEMD_UNIT=docker.service", "_TRANSPORT=stdout"}, Fields: []string{"MESSAGE", "_TRANSPORT",
		"CONTAINER_ID"}, Lines: journalLines, Bytes: maxLog}
	err = systemd.Read(ctx, q, func(r io.Reader) (err error) {
		log, err = dockercli.ReadDaemonJournal(r)
		return err
	})
	if err == nil && log.Lines == 0 {
		return nil, errors.New("systemd's journal has no line of dockerd")
	}
	return log, err
}
