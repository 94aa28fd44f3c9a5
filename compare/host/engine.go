package host

import (
	"context"
	"time"

	"haltscope/dockercli"
)

// Socket is what must be asked to find the daemon's local socket.
type Socket interface {
	Endpoint(ctx context.Context) (dockercli.Endpoint, error)
	CallTimeout() time.Duration
}

// Versions is what [AskAPI] asks.
type Versions interface {
	Socket
	Versions(ctx context.Context) (dockercli.Versions, error)
}

// Lister is what [FindContainers] asks.
type Lister interface {
	inspector
	Ps(ctx context.Context, all bool, filter dockercli.Filter) ([]dockercli.PsLine, error)
}

// Daemon is what [CheckForPs] asks.
type Daemon interface {
	Versions
	Lister
}

// Engine is what [Check] asks.
type Engine interface {
	Daemon
	Info(ctx context.Context) (dockercli.Info, error)
}
