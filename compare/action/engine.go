package action

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"haltscope/compare/target"
	"haltscope/dockercli"
)

// Engine is what an action asks of Docker.
type Engine interface {
	Engine() dockercli.Engine
	Do(ctx context.Context, container string, a dockercli.Action) (dockercli.Call, error)
	Pasteable(args []string) string
	Binary() string
	CallTimeout() time.Duration
}

// Events are Docker's events since the action began, or before: see [dockercli.EventLog].
type Events interface {
	Since(id string, moment time.Time) []dockercli.Event
	Await(ctx context.Context, id string, since time.Time, enough func([]dockercli.Event) bool) bool
	Err() error
}

// engine is what [Run] asks of Docker.
type engine interface {
	Engine
	target.Finder
	target.Configuration
	Inspect(ctx context.Context, names ...string) (map[string]dockercli.Container, error)
	Logger() zerolog.Logger
	APIVersion(ctx context.Context) (string, error)
	LogEvents(ctx context.Context, since time.Time, filter dockercli.Filter) (*dockercli.EventLog, error)
}
