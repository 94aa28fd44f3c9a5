package plugin

import (
	"io"
	"net"
	"os"
)

// socketEnv names the socket that docker closes when it is told to end while its output is no terminal: from 25.0 on it
// sends its plugins no signal then. Source: docker/cli, cli-plugins/socket.
const socketEnv = "DOCKER_CLI_PLUGIN_SOCKET"

// Gone returns a channel that is closed when docker is told to end, or has ended; nil where docker does not tell.
func Gone() <-chan struct{} {
	address := os.Getenv(socketEnv)
	if address == "" {
		return nil
	}
	os.Unsetenv(socketEnv) // it is not for the programs that we start
	conn, err := net.Dial("unix", address)
	if err != nil {
		return nil
	}
	gone := make(chan struct{})
	go func() {
		io.Copy(io.Discard, conn) // until its end: nothing is ever sent
		close(gone)
	}()
	return gone
}
