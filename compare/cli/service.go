package cli

import (
	"fmt"
	"os"
	"reflect"

	"haltscope/compare/experiment"
	"haltscope/compare/fault"
	"haltscope/compare/value"
)

// copied is what twins take over from the container that --like names; ${copied} in the help of a flag.
const copied = "same image, command, environment, user, limits, health check, stop signal, grace, init and read-only mounts"

// serviceFlags are what a twin of a real service may need to run. They have docker run's names and go to docker unchanged.
type serviceFlags struct {
	Env         []string `short:"e" sep:"none" group:"What the twins get" help:"Set an environment variable (docker run --env); NAME alone passes on haltscope's own. No value is ever shown." placeholder:"NAME[=VALUE]"`
	EnvFile     []string `sep:"none" group:"What the twins get" help:"Set the environment variables of a file (docker run --env-file)." placeholder:"FILE" complete:"file"`
	Volume      []string `sep:"none" group:"What the twins get" help:"Mount a volume or a directory (docker run --volume). The twins can change it, unless it ends with :ro." placeholder:"[SOURCE:]PATH"`
	Mount       []string `sep:"none" group:"What the twins get" help:"Mount something (docker run --mount)." placeholder:"KEY=VALUE,..."`
	Tmpfs       []string `sep:"none" group:"What the twins get" help:"Mount a tmpfs (docker run --tmpfs)." placeholder:"PATH"`
	User        string   `group:"What the twins get" help:"User of the first process (docker run --user)." placeholder:"NAME|UID[:GROUP]"`
	Network     string   `group:"What the twins get" help:"Network (docker run --network); by default none, or bridge with --publish." placeholder:"NAME"`
	Publish     []string `sep:"none" group:"What the twins get" help:"Publish a port (docker run --publish)." placeholder:"[[IP:]PORT:]PORT"`
	AddHost     []string `sep:"none" group:"What the twins get" help:"Add a line to /etc/hosts (docker run --add-host)." placeholder:"NAME:IP"`
	CopyVolumes bool     `group:"What the twins get" help:"With --like: copy the content of its writable volumes and directories, instead of starting with new volumes. Takes as much space again for each twin."`
}

// service returns the flags as options of an experiment, or an error if they do not go together with what runs in the twins.
func (f *serviceFlags) service(embedded bool, like string) (experiment.Service, error) {
	switch {
	case embedded && !reflect.ValueOf(*f).IsZero():
		return experiment.Service{}, &fault.UsageError{Text: "-e, --env-file, --volume, --mount, --tmpfs, --user, --network, --publish, " +
			"--add-host and --copy-volumes are for an image or a container; the embedded workload needs none of them"}
	case f.CopyVolumes && like == "":
		return experiment.Service{}, &fault.UsageError{Text: "--copy-volumes copies what a container has in its volumes: add --like CONTAINER"}
	}
	for _, file := range f.EnvFile {
		if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() { // docker reports one that is not there
			return experiment.Service{}, &fault.UsageError{Text: fmt.Sprintf("--env-file %s is not a regular file: every twin has to read it, "+
				"and so has haltscope, to keep its values out of what it shows", value.Quote(file)),
				Next: "write the variables to a file that only you can read (chmod 600), or export them and use -e NAME"}
		}
	}
	return experiment.Service{Env: f.Env, EnvFiles: f.EnvFile, Mounts: f.Mount, Volumes: f.Volume, Tmpfs: f.Tmpfs, User: f.User,
		Publish: f.Publish, AddHosts: f.AddHost, CopyVolumes: f.CopyVolumes}, nil
}
