package prediction

import "fmt"

// Tasks are the tasks (threads, and processes that have ended) that count against the container's pids limit.
type Tasks struct {
	Current, Limit *uint64  // nil for unknown, and for no limit
	Zombies        []Zombie // processes that have ended and that their parents have not waited for
}

// Zombie says how many ended children a process has not waited for.
type Zombie struct {
	ParentPID int
	Parent    string // its name
	Count     int
}

// full reports whether no further process or thread can be made.
func (t *Tasks) full() bool { return t.Current != nil && t.Limit != nil && *t.Current >= *t.Limit }

// most returns the parent with the most zombies; nil without any.
func (t *Tasks) most() (most *Zombie) {
	for i := range t.Zombies {
		if most == nil || t.Zombies[i].Count > most.Count {
			most = &t.Zombies[i]
		}
	}
	return most
}

// noteFullTasks notes that a handler cannot make a process.
func (f *Facts) noteFullTasks(o *Outcome) {
	if f.Tasks.full() {
		o.note("pids.current, pids.max", "%s: a handler that has to start a process or a thread fails", f.Tasks.describe())
	}
}

// describe says how full the limit is, and what fills it.
func (t *Tasks) describe() string {
	text := fmt.Sprintf("it has %d tasks, and its limit is %d", *t.Current, *t.Limit)
	if z := t.most(); z != nil {
		text += fmt.Sprintf("; %d are zombies of %s (%d), which does not wait for its children", z.Count, z.Parent, z.ParentPID)
	}
	return text
}
