package dockercli

import "slices"

// Filter narrows what [Client.Ps] lists and [Client.Follow] follows, as docker's own filters do: a container passes if it
// matches any value of each key that has values. The zero Filter lets all pass.
type Filter struct {
	Labels     []string // KEY or KEY=VALUE
	Images     []string // names, or ids
	Networks   []string // names, or ids; for Ps only
	Other      []string // KEY=VALUE, as docker ps --filter takes it; for Ps only
	Containers []string // names, or full ids; for Follow only
}

// psFlags returns the flags of docker ps.
func (f Filter) psFlags() []string {
	return slices.Concat(filterFlags("label", f.Labels), filterFlags("ancestor", f.Images), filterFlags("network", f.Networks), f.other())
}

// eventFlags returns the flags of docker events.
func (f Filter) eventFlags() []string {
	return slices.Concat(filterFlags("label", f.Labels), filterFlags("image", f.Images), filterFlags("container", f.Containers))
}

func (f Filter) other() (flags []string) {
	for _, filter := range f.Other {
		flags = append(flags, "--filter", filter)
	}
	return flags
}

func filterFlags(key string, values []string) (flags []string) {
	for _, value := range values {
		flags = append(flags, "--filter", key+"="+value)
	}
	return flags
}
