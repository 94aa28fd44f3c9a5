package experiment

import (
	"errors"
	"fmt"
	"sync"
)

// failures collects errors that do not end the experiment.
type failures struct {
	mu   sync.Mutex
	errs []error
}

func (f *failures) add(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.errs = append(f.errs, err)
}

func (f *failures) all() []error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]error{}, f.errs...)
}

// finish returns the failures. If there are none, the twins are known to be running or ended, which makes the clean-up simple.
func (x *experiment) finish(arms []*arm) error {
	all := x.failures.all()
	for _, a := range arms {
		for _, err := range a.failures.all() {
			all = append(all, fmt.Errorf("%s: %w", a.action, err))
		}
	}
	if len(all) > 0 {
		return errors.Join(all...)
	}
	for _, a := range arms {
		if !a.removed() {
			x.leftovers.settled = append(x.leftovers.settled, a.id)
		}
		if a.resumed.replacement != "" {
			x.leftovers.settled = append(x.leftovers.settled, a.resumed.replacement)
		}
	}
	return nil
}
