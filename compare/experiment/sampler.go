package experiment

import (
	"sync"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
)

const (
	// sampleInterval is the time between two samples.
	sampleInterval = 100 * time.Millisecond
	// sampleShare makes the interval longer where a reading takes long: sampling uses at most one percent of a core.
	sampleShare = 100
	// sampleIntervalMax bounds that: a reading may have taken long only because the processors are busy.
	sampleIntervalMax = time.Second
)

// sampler reads a cgroup periodically, until it is stopped or the cgroup is gone.
type sampler struct {
	stop     chan struct{}
	once     sync.Once
	done     chan struct{}
	readings []cgroupfs.Reading
}

// sample starts a sampler that runs until the clean-up at the latest.
func (x *experiment) sample(g *cgroupfs.Group) *sampler {
	s := startSampler(g.Read)
	x.leftovers.atEnd(func() { s.end() })
	return s
}

func startSampler(read func(*cgroupfs.Reading)) *sampler {
	s := &sampler{stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		for {
			var r cgroupfs.Reading
			read(&r)
			if r.Freezer.Frozen.State() == figure.Vanished {
				return
			}
			s.readings = append(s.readings, r)
			select {
			case <-s.stop:
				return
			case <-time.After(min(max(sampleInterval, sampleShare*time.Since(r.At)), sampleIntervalMax)):
			}
		}
	}()
	return s
}

// end stops the sampler and returns its readings.
func (s *sampler) end() []cgroupfs.Reading {
	s.once.Do(func() { close(s.stop) })
	<-s.done
	return s.readings
}
