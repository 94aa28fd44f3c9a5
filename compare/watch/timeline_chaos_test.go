package watch

import (
	"io/fs"
	"math/rand"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/dockercli"
)

// TestTimelineChaos passes random inputs in random order to a timeline, however unlikely. The states of its runs agree with what
// is known, and once enough time has passed nothing is due any more, except a signal that may take for ever.
func TestTimelineChaos(t *testing.T) {
	for seed := range int64(2000) {
		c := newChaos(seed)
		c.play()
		if due, ok := c.tl.Due(); ok {
			t.Fatalf("seed %d: something is due at %v: %+v", seed, due, c.tl)
		}
	}
}

// chaos makes up inputs to a timeline.
type chaos struct {
	r      *rand.Rand
	tl     *Timeline
	now    int
	oom    uint64
	starts []int       // times of the starts so far
	keys   []time.Time // of the runs that were watched
	labels []string
}

func newChaos(seed int64) *chaos {
	r := rand.New(rand.NewSource(seed))
	c := &chaos{r: r, tl: NewTimeline("c0ffee", "web", r.Intn(3) == 0), starts: []int{-10}}
	c.labels = [][]string{nil, nil, nil, {"signal"}, {"exitCode"}, {"signal", "exitCode"}}[r.Intn(6)]
	if r.Intn(4) == 0 {
		c.tl.DaemonGrace = ptr(25 * r.Intn(2))
	}
	return c
}

func (c *chaos) play() {
	inputs := []func(){c.start, c.signal, c.signal, c.die, c.otherEvent, c.inspect, c.inspect, c.sample, c.sample, c.exit, c.find,
		c.connection, c.victim}
	for n := 3 + c.r.Intn(25); n > 0 && !c.tl.Done(); n-- {
		c.now += pick(c.r, 1, 20, 300, 1100, 2500, 7000, 12_000, 40_000)
		if current := c.tl.current; current != nil && !current.started.IsZero() && c.r.Intn(2) == 0 {
			c.keys = append(c.keys, current.key())
		}
		inputs[c.r.Intn(len(inputs))]()
		checkStates(c.tl)
		if c.r.Intn(3) > 0 {
			c.tl.Lines(at(c.now))
			checkStates(c.tl)
		}
	}
	for range 200 {
		c.now += 1000
		c.tl.Lines(at(c.now))
		checkStates(c.tl)
	}
}

func pick[T any](r *rand.Rand, all ...T) T { return all[r.Intn(len(all))] }

// event passes an event, which may be late.
func (c *chaos) event(action string, set func(*dockercli.Event)) {
	late := pick(c.r, 0, 0, 0, c.r.Intn(8000))
	n := dockercli.Event{Action: action, ID: "c0ffee", Time: at(c.now - late), Name: "web"}
	if set != nil {
		set(&n)
	}
	c.tl.Event(n, at(c.now))
}

func (c *chaos) start() {
	c.event("start", nil)
	c.starts = append(c.starts, c.now-3)
}

func (c *chaos) signal() {
	c.event("kill", func(n *dockercli.Event) { n.Signal = pick(c.r, "15", "9", "1") })
}

func (c *chaos) die() {
	c.event("die", func(n *dockercli.Event) { n.ExitCode = pick(c.r, "0", "3", "137", "143", "139") })
}

func (c *chaos) otherEvent() {
	action := pick(c.r, "restart", "stop", "stop", "oom", "pause", "pause", "unpause", "unpause", "destroy")
	if action != "destroy" || c.r.Intn(3) == 0 {
		c.event(action, nil)
	}
}

func (c *chaos) inspect() {
	status := pick(c.r, "running", "running", "paused", "exited", "exited", "restarting", "created", "dead")
	found := container(status, pick(c.r, 0, 3, 137, 255), c.labels...)
	found.State.StartedAt = at(pick(c.r, c.starts[len(c.starts)-1], c.starts[len(c.starts)-1], c.now-c.r.Intn(5000)))
	if !found.State.Running {
		found.State.FinishedAt = at(c.now - c.r.Intn(3000))
		found.State.Error = pick(c.r, "", "", "", "failed")
	}
	found.RestartCount = c.r.Intn(2)
	asked := at(c.now - pick(c.r, 0, c.r.Intn(3000)))
	c.tl.Inspection(pick(c.r, &found, &found, &found, &found, &found, nil), asked, at(c.now), c.r.Intn(2) == 0)
}

// reading is a sample of the cgroup.
func (c *chaos) reading() cgroupfs.Sample {
	c.oom += uint64(c.r.Intn(3) / 2)
	s := cgroupfs.Sample{At: at(c.now - c.r.Intn(3)), OOMKill: figure.Number(c.oom), Memory: figure.Number(uint64(4096 + c.r.Intn(3<<20)))}
	if c.r.Intn(4) > 0 {
		frozen := figure.Number(uint64(c.r.Intn(2)))
		s.Freezer = cgroupfs.Freezer{Requested: frozen, Frozen: frozen}
	}
	return s
}

func (c *chaos) sample() {
	if len(c.keys) > 0 {
		c.tl.Sample(pick(c.r, c.keys...), c.reading(), nil, nil, at(c.now))
	}
}

func (c *chaos) exit() {
	if len(c.keys) == 0 {
		return
	}
	key, s := pick(c.r, c.keys...), c.reading()
	when := at(c.now - c.r.Intn(500))
	s.Ended = &when
	var status *unix.WaitStatus
	if c.r.Intn(2) == 0 {
		status = ptr(pick[unix.WaitStatus](c.r, 0, 3<<8, 9, 11, 15))
		c.tl.WaitDone(key)
	}
	c.tl.ProcessHeld(key, c.r.Intn(2)*7)
	c.tl.Sample(key, s, nil, status, at(c.now))
}

func (c *chaos) find() {
	if key, ok := c.tl.ProcessFound(at(c.now-c.r.Intn(1000)), 40+c.r.Intn(3), at(c.now)); ok {
		c.keys = append(c.keys, key)
	}
}

func (c *chaos) connection() {
	if c.r.Intn(3) == 0 {
		c.tl.EventsLost()
	} else {
		c.tl.EventsRestored(c.r.Intn(2) == 0, at(c.now))
	}
}

func (c *chaos) victim() {
	if len(c.keys) == 0 {
		return
	}
	key := pick(c.r, c.keys...)
	if c.r.Intn(3) == 0 {
		c.tl.VictimsUnknown(key, fs.ErrPermission)
		return
	}
	v := cgroupfs.OOMVictim{PID: 42 + c.r.Intn(2), Name: "job", LimitOf: pick(c.r, "/docker/c0ffee", "/docker", "")}
	c.tl.OOMVictim(key, 42*c.r.Intn(2), v)
}
