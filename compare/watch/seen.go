package watch

import "haltscope/dockercli"

// key names an event for good.
type key struct {
	nano               int64
	action, id, execID string
}

func keyOf(n *dockercli.Notice) key {
	return key{n.Time.UnixNano(), n.Action, n.ID, n.ExecID}
}

// remembered is how many events are kept to tell which have been seen: more than the daemon ever sends again, which is
// its history of 256 and a subscriber's queue of 1024 (pubsub, events.go).
const remembered = 4096

// seen tells events that come for the first time from those that come again.
type seen struct {
	keys map[key]struct{}
	ring []key
	next int
}

// first reports whether the event has not been seen yet.
func (s *seen) first(k key) bool {
	if s.keys == nil {
		s.keys, s.ring = make(map[key]struct{}, remembered), make([]key, 0, remembered)
	}
	if _, known := s.keys[k]; known {
		return false
	}
	if len(s.ring) < remembered {
		s.ring = append(s.ring, k)
	} else {
		delete(s.keys, s.ring[s.next])
		s.ring[s.next] = k
		s.next = (s.next + 1) % remembered
	}
	s.keys[k] = struct{}{}
	return true
}
