package dockercli

import (
	"os"
	"time"

	"github.com/rs/zerolog"
)

// Options configure a [Client].
type Options struct {
	Path    string        // the binary: a path, or a name looked up in PATH
	Flags   []string      // docker's global flags, placed before each verb
	Timeout time.Duration // deadline of each call; the grace of a stop comes on top
	Log     zerolog.Logger
	Engine  Engine // "" if it is to be found out: see [Client.Engine]
}

// Client runs a docker binary. It is safe for concurrent use. Make one with [New].
type Client struct {
	Options
	engine     *engine
	endpoint   *endpoint
	extraFiles []*os.File                 // descriptors from 3 on of the docker process
	redact     func(stderr string) string // hides secrets in docker's stderr; nil if docker was given none
}

// New returns a client. It runs nothing yet.
func New(o Options) *Client {
	return &Client{Options: o, engine: &engine{name: o.Engine}, endpoint: &endpoint{}}
}

// Binary returns the binary: a path, or a name looked up in PATH.
func (c *Client) Binary() string { return c.Path }

// CallTimeout returns the deadline of each call.
func (c *Client) CallTimeout() time.Duration { return c.Timeout }

// Logger returns the log that the client writes to.
func (c *Client) Logger() zerolog.Logger { return c.Log }

// WithTimeout returns the same client with another deadline for each call.
func (c *Client) WithTimeout(limit time.Duration) *Client {
	other := *c
	other.Timeout = limit
	return &other
}
