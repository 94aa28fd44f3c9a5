package dockercli

import "slices"

// Filter narrows what [Client.Ps] lists and [Client.Follow] follows, as docker's own filters do: a container passes if it
// matches any value of each key that has values. The zero Filter lets all pass.
type Filter struct {
	Labels     []string // KEY or KEY=VALUE
	Images     []string // names, or ids
	Networks   []string // names, or ids; for Ps only
	Containers []string // names, or full ids; for Follow only
}

// psFlags returns the flags of docker ps.
func (f Filter) psFlags() []string {
	return slices.Concat(filterFlags("label", f.Labels), filterFlags("ancestor", f.Images), filterFlags("network", f.Networks))
}

// eventFlags returns the flags of docker events.
func (f Filter) eventFlags() []string {
	return slices.Concat(filterFlags("label", f.Labels), filterFlags("image", f.Images), filterFlags("container", f.Containers))
}

func filterFlags(key string, values []string) (flags []string) {
	for _, value := range values {
		flags = append(flags, "--filter", key+"="+value)
	}
	return flags
}
