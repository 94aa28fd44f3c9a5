package dockercli_test

import (
	"fmt"
	"time"

	"haltscope/dockercli"
)

// An action is shown with the arguments that are run.
func Example() {
	docker := dockercli.New(dockercli.Options{Path: "docker", Timeout: 30 * time.Second})
	grace := 5 * time.Second
	stop := dockercli.Stop{Grace: &grace, Expected: grace}
	fmt.Println(docker.Pasteable(stop.Args("web")))
	// docker.Do(ctx, "web", stop) runs it.

	// Output: docker stop -t 5 -- web
}

// The line is what the daemon sends when a container is killed.
func ExampleParseEvent() {
	const line = `{"Action":"kill","Actor":{"ID":"4f1c","Attributes":{"name":"web","signal":"15"}},"timeNano":1716212345678901234}`
	event, err := dockercli.ParseEvent([]byte(line))
	signal, ok := event.SignalNumber()
	fmt.Println(event.Name, event.Action, signal, ok, err)

	// Output: web kill 15 true <nil>
}
