package cgroupfs_test

import (
	"context"
	"fmt"
	"time"

	"haltscope/cgroupfs"
)

// The main process and the full id of a container are in the output of docker inspect.
func ExampleHost_Locate() {
	pid, id := 4242, "26587a0b321669ad2fa7578bcb464d5230ce1a79d70f8e7280166e039cbeef89"
	host, err := cgroupfs.NewHost()
	if err != nil {
		fmt.Println(err)
		return
	}
	group, err := host.Locate(pid, id)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer group.Close()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := group.AwaitFrozen(ctx, true); err != nil {
		fmt.Println(err)
		return
	}
	var r cgroupfs.Reading
	group.Read(&r)
	fmt.Println("frozen, and still using", r.Memory.Current, "bytes")
}

// Docker freezes and measures the cgroup that is named after the container's id, not those that the container has made.
func ExampleCutAtID() {
	const id = "26587a0b321669ad2fa7578bcb464d5230ce1a79d70f8e7280166e039cbeef89"
	path, err := cgroupfs.CutAtID("/system.slice/docker-"+id+".scope/init.scope", id)
	fmt.Println(path, err)
	_, err = cgroupfs.CutAtID("/user.slice", id)
	fmt.Println(err)
	// Output:
	// /system.slice/docker-26587a0b321669ad2fa7578bcb464d5230ce1a79d70f8e7280166e039cbeef89.scope <nil>
	// the path does not contain the container id
}
