// Package asker judges which client of Docker's socket asked for something, by the command lines of those that were connected then.
package asker

import (
	"path"
	"slices"
	"strings"
)

// Client is a process that was connected to Docker's socket.
type Client struct {
	Args    []string // its command line; nil if that is not known
	Cut     bool     // Args is not all of it
	Dir     string   // its working directory; "" if that is not known
	Earlier bool     // it had been connected for a while before the request
}

// Request is what Docker was asked for.
type Request struct {
	Action   Action
	ID, Name string   // the container's
	Compose  *Compose // nil if compose did not make it
	// InFlight is set if Docker had not answered when the clients were listed, so that the client that asked was still connected.
	InFlight bool
	// Complete is set if no connected client can have been missed.
	Complete bool
}

// Compose says for what compose made a container. Empty fields are not known.
type Compose struct {
	Project, Service string
	Dir              string // the project's
}

// Action is what Docker did for a client.
type Action string

// The actions.
const (
	Signal  Action = "kill" // it sent a signal, for a kill, a stop, a restart or a removal
	Pause   Action = "pause"
	Unpause Action = "unpause"
)

// words lists the lower-case words that ask for an action on a command line. A commit pauses the container while it copies its files,
// and a stop resumes a paused one.
var words = map[Action][]string{
	Signal:  {"stop", "kill", "restart", "rm", "remove", "delete", "down"},
	Pause:   {"pause", "commit"},
	Unpause: {"unpause", "commit", "stop", "kill", "restart", "rm", "remove", "delete", "down"},
}

// Answer is who asked.
type Answer struct {
	Who   int   // the client's index; -1 if it is not known
	Only  bool  // its command line does not say so, but no other connected client can have asked
	OneOf []int // the clients that can have asked, if several can, or if none of them may have
}

// Judge returns who asked.
func Judge(r Request, clients []Client) Answer {
	var strong, fresh, weak []int
	for i, c := range clients {
		switch r.weigh(&c) {
		case asks:
			strong = append(strong, i)
			if !c.Earlier {
				fresh = append(fresh, i)
			}
		case may:
			weak = append(weak, i)
		}
	}
	if len(strong) > 1 && len(fresh) > 0 {
		strong = fresh // the others asked for something before
	}
	switch {
	case len(strong) == 1:
		return Answer{Who: strong[0]}
	case len(strong) > 1:
		return Answer{Who: -1, OneOf: strong}
	case !r.InFlight: // another client may have asked, received its answer, and gone
		return Answer{Who: -1}
	case len(weak) == 1 && r.Complete:
		return Answer{Who: weak[0], Only: true}
	}
	return Answer{Who: -1, OneOf: weak}
}

// weight says how strongly a command line suggests that its process asked.
type weight int

const (
	cannot weight = iota
	may
	asks
)

// passive lists docker's commands that change no container.
var passive = strings.Fields(
	"events logs stats ps ls list inspect top wait pull push build info version images cp diff history export import save load search port " +
		"exec tag login logout create rename update image volume network config secret node plugin manifest trust builder buildx context")

// changing lists docker's commands that change only the containers that they name.
var changing = []string{"stop", "kill", "restart", "rm", "remove", "pause", "unpause", "commit"}

func (r *Request) weigh(c *Client) weight {
	if len(c.Args) == 0 {
		return may
	}
	program := path.Base(c.Args[0])
	if program == "docker" {
		return r.weighDocker(c)
	}
	if program == "docker-compose" {
		return r.weighCompose(c.Args[1:], c.Dir)
	}
	if r.wants(c.Args[1:]) && r.names(c.Args[1:]) {
		return asks
	}
	return may
}

// weighDocker weighs docker. If its command line is cut, the container's name may be in what is missing.
func (r *Request) weighDocker(c *Client) weight {
	command, rest := firstWord(c.Args[1:])
	if command == "container" {
		command, rest = firstWord(rest)
	}
	switch {
	case command == "compose": // it starts docker-compose, which asks
		return r.weighCompose(rest, c.Dir)
	case slices.Contains(changing, command):
		switch {
		case !slices.Contains(words[r.Action], command):
			return cannot
		case r.names(rest):
			return asks
		case c.Cut || r.beginsID(rest):
			return may
		}
		return cannot
	case slices.Contains(passive, command):
		return cannot
	}
	return may
}

// globalFlags lists docker's flags before a command that take a value as the next argument.
var globalFlags = []string{"-H", "--host", "-c", "--context", "--config", "-l", "--log-level", "--tlscacert", "--tlscert", "--tlskey"}

// firstWord returns the first argument that is no flag, and what follows it.
func firstWord(args []string) (word string, rest []string) {
	for i := 0; i < len(args); i++ {
		switch {
		case slices.Contains(globalFlags, args[i]):
			i++
		case !strings.HasPrefix(args[i], "-"):
			return args[i], args[i+1:]
		}
	}
	return "", nil
}

// weighCompose weighs the arguments and the working directory of compose. Compose can mean only a container that it made. The answer is
// certain if the project or the service is named, or if compose was started in the project's directory.
func (r *Request) weighCompose(args []string, dir string) weight {
	if r.Compose == nil {
		return cannot
	}
	project, named := composeProject(args)
	if named && r.Compose.Project != "" && project != r.Compose.Project {
		return cannot
	}
	inDir := dir != "" && dir == r.Compose.Dir
	if r.wants(args) && (named && r.Compose.Project != "" || inDir || r.namesService(args)) {
		return asks
	}
	return may // such as compose up, which stops containers when it is interrupted
}

// composeProject returns the project that compose's arguments name.
func composeProject(args []string) (project string, ok bool) {
	for i, arg := range args {
		if arg == "run" { // whose -p is a port
			break
		}
		for _, flag := range []string{"-p", "--project-name"} {
			if arg == flag && i+1 < len(args) {
				return args[i+1], true
			}
			if text, joined := strings.CutPrefix(arg, flag+"="); joined {
				return text, true
			}
		}
	}
	return "", false
}

// namesService reports whether a word of compose's arguments after the request is the container's service.
func (r *Request) namesService(args []string) bool {
	request := slices.IndexFunc(args, func(arg string) bool { return slices.Contains(words[r.Action], arg) })
	return request >= 0 && r.Compose.Service != "" && slices.Contains(args[request+1:], r.Compose.Service)
}

// wants reports whether a command line has a word for the action.
func (r *Request) wants(args []string) bool {
	return anyPiece(args, func(piece string) bool { return slices.Contains(words[r.Action], strings.ToLower(piece)) })
}

// shortestID is how much of an id names a container here. Docker accepts less if it is unique, but that may be another word: see beginsID.
const shortestID = 6

// names reports whether a command line has the container's name or id.
func (r *Request) names(args []string) bool {
	return anyPiece(args, func(piece string) bool {
		return piece != "" && piece == r.Name || len(piece) >= shortestID && strings.HasPrefix(r.ID, piece)
	})
}

// beginsID reports whether a command line has a prefix of the container's id, of any length. That may also be another container's name,
// or the value of a flag.
func (r *Request) beginsID(args []string) bool {
	return anyPiece(args, func(piece string) bool { return strings.HasPrefix(r.ID, piece) })
}

// anyPiece reports whether a piece of an argument is wanted, as between the slashes of a URL.
func anyPiece(args []string, wanted func(string) bool) bool {
	for _, arg := range args {
		for piece := range strings.FieldsFuncSeq(arg, func(c rune) bool { return strings.ContainsRune("/?&=:,;'\"()[]{} \t\n", c) }) {
			if wanted(piece) {
				return true
			}
		}
	}
	return false
}
