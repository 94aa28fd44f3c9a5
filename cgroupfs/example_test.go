package cgroupfs_test

import (
	"errors"
	"fmt"
	"os"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
)

// The main process and the full id of a container are in the output of docker inspect. The process of
// this example is in no container.
func ExampleHost_Locate() {
	const id = "26587a0b321669ad2fa7578bcb464d5230ce1a79d70f8e7280166e039cbeef89"
	host, err := cgroupfs.NewHost()
	if err != nil {
		fmt.Println(err)
		return
	}
	group, err := host.Locate(os.Getpid(), id)
	var other *cgroupfs.NotInContainerError
	switch {
	case errors.Is(err, proc.ErrNoProcess):
		fmt.Println("the process has ended")
	case errors.As(err, &other):
		fmt.Println("the process is not in the container")
	case err != nil:
		fmt.Println(err)
	default:
		defer group.Close()
		var r cgroupfs.Reading
		group.Read(&r)
		fmt.Println("memory charged:", r.Memory.Current, "bytes")
	}
	// Output:
	// the process is not in the container
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
