package experiment

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"sync"
	"time"

	"haltscope/dockercli"
)

// logFollower is what awaitLine asks Docker.
type logFollower interface {
	inspector
	FollowLogs(ctx context.Context, id string, o dockercli.LogOptions, line func([]byte), end func(error)) error
}

// awaitLine waits for a line of the twin's log that matches.
func awaitLine(ctx context.Context, docker logFollower, id string, pattern *regexp.Regexp, within time.Duration) error {
	found, ended := make(chan struct{}), make(chan error, 1)
	var once sync.Once
	follow, cancel := context.WithCancel(ctx)
	defer cancel()
	err := docker.FollowLogs(follow, id, dockercli.LogOptions{Both: true}, func(line []byte) {
		if pattern.Match(bytes.TrimRight(line, "\r")) {
			once.Do(func() { close(found) })
		}
	}, func(err error) { ended <- err })
	if err != nil {
		return err
	}
	select {
	case <-found:
		cancel()
		<-ended
		return nil
	case <-ctx.Done():
		<-ended
	case logErr := <-ended:
		select {
		case <-found:
			return nil
		default:
		}
		switch code, over, err := exitCode(ctx, docker, id); {
		case err == nil && over:
			return &NotReadyError{fmt.Sprintf("the twin ended before its log had a line that matches %q: exit code %d (its last line: %s)",
				pattern, code, orNothing(lastLine(ctx, docker, id))), "", true}
		case ctx.Err() == nil && logErr != nil:
			return logErr
		case ctx.Err() == nil && err != nil:
			return err
		}
	}
	return &NotReadyError{fmt.Sprintf("the twin's log had no line that matches %q within %s (its last line: %s)",
		pattern, within, orNothing(lastLine(context.WithoutCancel(ctx), docker, id))),
		"check the expression (Go's regexp/syntax), or allow more time: --ready-within", false}
}
