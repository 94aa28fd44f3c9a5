package watch

import "haltscope/dockercli"

// eventKey identifies an event.
type eventKey struct {
	nano               int64
	action, id, execID string
}

func keyOf(n *dockercli.Event) eventKey {
	return eventKey{n.Time.UnixNano(), n.Action, n.ID, n.ExecID}
}

// recentLimit is how many events are remembered: more than the daemon ever sends again, which is its history of 256 and a
// subscriber's queue of 1024 (moby: pubsub, events.go).
const recentLimit = 4096

// recentEvents remembers the latest events, so that one that comes again counts once.
type recentEvents struct {
	keys map[eventKey]struct{}
	ring []eventKey
	next int
}

// add remembers an event. It returns false if the event has come before.
func (s *recentEvents) add(k eventKey) bool {
	if s.keys == nil {
		s.keys, s.ring = make(map[eventKey]struct{}, recentLimit), make([]eventKey, 0, recentLimit)
	}
	if _, known := s.keys[k]; known {
		return false
	}
	if len(s.ring) < recentLimit {
		s.ring = append(s.ring, k)
	} else {
		delete(s.keys, s.ring[s.next])
		s.ring[s.next] = k
		s.next = (s.next + 1) % recentLimit
	}
	s.keys[k] = struct{}{}
	return true
}
