package value

// ThawCommand returns the command that ends the freeze of a cgroup, given the version of cgroups (1 or 2) and its folder, in a form
// that can be pasted into a shell.
func ThawCommand(version int, path string) string {
	if version == 2 {
		return "echo 0 > " + Quote(path+"/cgroup.freeze")
	}
	return "echo THAWED > " + Quote(path+"/freezer.state")
}
