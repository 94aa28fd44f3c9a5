package proc

import (
	"bytes"
	"errors"
	"os"
	"strconv"
	"testing"
	"time"

	"haltscope/cgroupfs/internal/figuretest"
)

func TestParseStat(t *testing.T) {
	s, err := parseStat([]byte("42 (a) b (c) S 7 41 40 0 -1 4194560 1 0 0 0 2 3 0 0 20 0 1 0 81234 0 0\n"))
	if err != nil || s != (Stat{PID: 42, Comm: "a) b (c", State: 'S', PPID: 7, PGRP: 41, Session: 40, StartTime: 81234}) {
		t.Errorf("%+v, %v", s, err)
	}
	// Its parent waited for it while it was read.
	s, err = parseStat([]byte("42 (true) X 0 -1 -1 0 -1 4194560 1 0 0 0 2 3 0 0 20 0 0 0 81234 0 0\n"))
	if err != nil || s != (Stat{PID: 42, Comm: "true", State: 'X', StartTime: 81234}) {
		t.Errorf("%+v, %v", s, err)
	}
	for _, text := range []string{"", "42", "42 (x", "x (y) S 1", "42 (x) S 1", ") ("} {
		if _, err := parseStat([]byte(text)); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

func TestParseStatRecorded(t *testing.T) {
	figuretest.Recorded(t, func(t *testing.T, dir string, v2, paused bool) {
		stat, err := parseStat(figuretest.Read(t, dir, "stat"))
		if err != nil || stat.Comm != "nginx" || stat.StartTime == 0 || stat.PPID == 0 || stat.PID == 0 {
			t.Errorf("%+v, %v", stat, err)
		}
	})
}

func TestStartedAt(t *testing.T) {
	started, err := StartedAt(os.Getpid())
	if err != nil || started.After(time.Now()) || time.Since(started) > time.Hour {
		t.Errorf("this test started at %v, %v", started, err)
	}
	stat, err := ReadStat(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if age, err := stat.Age(); err != nil || age < 0 || age > time.Hour {
		t.Errorf("%s, %v", age, err)
	}
	if _, err := StartedAt(1 << 30); !errors.Is(err, ErrNoProcess) {
		t.Errorf("an impossible PID: %v", err)
	}
}

func FuzzParseStat(f *testing.F) {
	figuretest.Seed(f, "stat")
	f.Add([]byte("42 (a) b (c) S 7 41 40 0 -1 4194560 1 0 0 0 2 3 0 0 20 0 1 0 81234 0 0\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := parseStat(data)
		if err != nil {
			return
		}
		started := strconv.AppendUint(nil, s.StartTime, 10)
		if !bytes.Contains(data, []byte("("+s.Comm+")")) || !bytes.Contains(data, []byte{s.State}) || !bytes.Contains(data, started) {
			t.Errorf("%+v", s)
		}
	})
}
