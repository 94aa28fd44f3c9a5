package experiment

import (
	"sync"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
)

// sampleEvery is the distance of two samples; where a reading takes long, it is more, so that sampling stays below one
// percent of a core, but no more than sampleLimit: what took long may have been the waiting for a busy processor.
const (
	sampleEvery = 100 * time.Millisecond
	sampleShare = 100
	sampleLimit = time.Second
)

// sampler reads a cgroup again and again, until it is stopped or the cgroup is gone.
type sampler struct {
	stop     chan struct{}
	once     sync.Once
	done     chan struct{}
	readings []cgroupfs.Reading
}

func sample(g *cgroupfs.Group) *sampler {
	s := &sampler{stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		for {
			var r cgroupfs.Reading
			g.Read(&r)
			if r.Freezer.Frozen.State() == figure.Vanished {
				return
			}
			s.readings = append(s.readings, r)
			select {
			case <-s.stop:
				return
			case <-time.After(min(max(sampleEvery, sampleShare*time.Since(r.At)), sampleLimit)):
			}
		}
	}()
	return s
}

// end stops the sampling and returns the readings.
func (s *sampler) end() []cgroupfs.Reading {
	s.once.Do(func() { close(s.stop) })
	<-s.done
	return s.readings
}
