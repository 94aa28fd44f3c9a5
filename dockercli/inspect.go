package dockercli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"haltscope/compare/value"
)

// Container is what haltscope needs of `docker inspect`. Environment variables and the values of labels may hold
// secrets: they are not even decoded, but for haltscope's own labels.
type Container struct {
	ID      string `json:"Id"`
	Name    string // with a leading slash
	Image   string // the image's id
	Created time.Time
	State   State
	// RestartCount is how often its restart policy has started it since somebody else did (daemon/monitor.go).
	RestartCount int
	Config       struct {
		Image       string
		StopSignal  string // "" for the default, SIGTERM
		StopTimeout *int   // seconds; nil for the daemon's default
		Labels      Keys
	}
	HostConfig struct {
		PidMode       string
		Init          *bool
		AutoRemove    bool
		RestartPolicy struct {
			Name              string // no, always, unless-stopped, on-failure
			MaximumRetryCount int    // of on-failure; 0 for no limit
		}
		CgroupParent        string // "" for the daemon's default
		Memory              int64  // limit in bytes; 0 for none
		MemorySwap          int64  // limit of memory and swap together, in bytes; 0 for none said, −1 for none
		CpusetCpus          string // as 0-3,5; "" for all
		NanoCpus            int64  // limit in billionths of a core; 0 for none
		CpuQuota, CpuPeriod int64  // microseconds; 0 for none, and for the kernel's 100 ms
		PidsLimit           *int64 // nil, 0 and −1 for none
	}
}

// State is a container's state as Docker believes it. Running is true while paused.
type State struct {
	Status                     string // created, running, paused, restarting, removing, exited, dead
	Running, Paused, OOMKilled bool
	Pid                        int // of the first process, in the daemon's PID namespace; 0 when there is none
	ExitCode                   int // −1 or what was left there before, as long as it runs
	Error                      string
	StartedAt, FinishedAt      time.Time
}

// UnmarshalJSON refuses null where a verdict would take it for no, or for 0.
func (s *State) UnmarshalJSON(data []byte) error {
	type plain State
	if err := decode(data, (*plain)(s)); err != nil {
		return err
	}
	return noNulls(data, "Status", "Running", "Paused", "OOMKilled", "Pid", "ExitCode", "StartedAt", "FinishedAt")
}

// Keys are the keys of a JSON object whose values are nobody's business, but for those of haltscope's own labels.
type Keys map[string]string

// ownPrefix begins the names of haltscope's own labels.
const ownPrefix = "haltscope."

// UnmarshalJSON keeps the keys, and the values of haltscope's own.
func (k *Keys) UnmarshalJSON(data []byte) error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	*k = Keys{}
	for key, value := range all {
		(*k)[key] = ""
		if strings.HasPrefix(key, ownPrefix) {
			(*k)[key] = text(value)
		}
	}
	return nil
}

// Own is the value of the label haltscope.NAME; "" where there is none.
func (k Keys) Own(name string) string { return k[ownPrefix+name] }

// Has reports whether key is one of them.
func (k Keys) Has(key string) bool {
	_, ok := k[key]
	return ok
}

// Inspect asks about containers, by id or name, in one call. Those that exist no more are left out, without an error:
// the caller sees which are missing.
// One that hangs fails the call for all: see [Client.InspectMany].
func (c *Client) Inspect(ctx context.Context, names ...string) (map[string]Container, error) {
	call, err := c.run(ctx, 0, nil, append([]string{"inspect", "--type", "container", "--"}, names...)...)
	found, parseErr := parseInspect(c.inspected(call.Stdout))
	if err != nil && !mentions(err, "no such container", "no such object") {
		return nil, fmt.Errorf("inspecting the containers: %w", err)
	}
	if parseErr != nil {
		return nil, parseErr
	}
	byID := make(map[string]Container, len(found))
	for _, container := range found {
		byID[container.ID] = container
	}
	return byID, nil
}

// nameForm is what docker allows as a name or id (daemon/names/names.go). Anything else would become a part of the
// path that the docker client asks the daemon for.
var nameForm = value.Pattern(`^/?[a-zA-Z0-9][a-zA-Z0-9_.-]*$`)

// Find inspects containers by name or by the start of an id, each once, in the order in which they were asked for. The
// error names those that do not exist ([ErrNotFound]) or could not be inspected; the others are returned with it.
func (c *Client) Find(ctx context.Context, names ...string) ([]Container, error) {
	var possible []string
	for _, name := range names {
		if nameForm().MatchString(name) {
			possible = append(possible, name)
		}
	}
	inspected := c.InspectMany(ctx, possible...)
	var all []Container
	missing := []error{inspected.Err()}
	seen := map[string]bool{}
	for _, name := range names {
		found, ok := pick(inspected.Found, name)
		switch {
		case inspected.Failed[name] != nil:
		case !ok:
			missing = append(missing, &NotFoundError{value.Clean(name), c.Pasteable([]string{"ps", "--all"})})
		case !seen[found.ID]:
			seen[found.ID] = true
			all = append(all, found)
		}
	}
	return all, errors.Join(missing...)
}

// NotFoundError is a container that docker does not know. It is [ErrNotFound].
type NotFoundError struct{ Name, list string }

func (e *NotFoundError) Error() string { return "container " + e.Name + ": " + ErrNotFound.Error() }

// Hint is what to do next.
func (e *NotFoundError) Hint() string { return "see: " + e.list }

func (e *NotFoundError) Unwrap() error { return ErrNotFound }

// pick finds the container that docker found by a name: a full id or name goes before the start of an id, as with
// docker. Of what cannot be a name there is none.
func pick(byID map[string]Container, name string) (Container, bool) {
	if !nameForm().MatchString(name) {
		return Container{}, false
	}
	if found, ok := byID[name]; ok {
		return found, true
	}
	for _, one := range byID {
		if strings.TrimPrefix(one.Name, "/") == strings.TrimPrefix(name, "/") {
			return one, true
		}
	}
	for id, one := range byID {
		if strings.HasPrefix(id, name) {
			return one, true
		}
	}
	return Container{}, false
}

func parseInspect(data []byte) ([]Container, error) {
	var found []Container
	if err := decode(data, &found); err != nil {
		return nil, fmt.Errorf("docker inspect printed what is not the JSON of containers: %w", err)
	}
	for _, c := range found {
		if c.ID == "" || c.State.Status == "" {
			return nil, errors.New("docker inspect printed a container without Id or State.Status")
		}
	}
	return found, nil
}
