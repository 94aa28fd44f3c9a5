package plugin

import (
	"io"
	"net"
	"os"
)

// socketEnv names the socket that docker closes when it is asked to end and its output is not a terminal: since 25.0 it sends
// its plugins no signal in that case. Source: docker/cli, cli-plugins/socket.
const socketEnv = "DOCKER_CLI_PLUGIN_SOCKET"

// Gone returns a channel that is closed when docker is asked to end or has ended. It is nil if docker has no such socket.
func Gone() <-chan struct{} {
	address := os.Getenv(socketEnv)
	if address == "" {
		return nil
	}
	os.Unsetenv(socketEnv) // not for programs that haltscope starts
	conn, err := net.Dial("unix", address)
	if err != nil {
		return nil
	}
	gone := make(chan struct{})
	go func() {
		io.Copy(io.Discard, conn) // docker sends nothing
		close(gone)
	}()
	return gone
}
