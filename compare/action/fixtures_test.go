package action

import (
	"errors"

	"haltscope/dockercli"
)

func container(change ...func(*dockercli.Container)) (c dockercli.Container) {
	for _, f := range change {
		f(&c)
	}
	return c
}

func autoRemove(c *dockercli.Container) { c.HostConfig.AutoRemove = true }
func policy(c *dockercli.Container)     { c.HostConfig.RestartPolicy.Name = "always" }
func running(c *dockercli.Container)    { c.State.Status, c.State.Running = "running", true }
func exited(code int) func(*dockercli.Container) {
	return func(c *dockercli.Container) { c.State.Status, c.State.ExitCode = "exited", code }
}
func label(key string) func(*dockercli.Container) {
	return func(c *dockercli.Container) { c.Config.Labels = dockercli.Keys{key: ""} }
}

var errDocker = errors.New("no")
