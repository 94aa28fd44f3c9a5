// Command servers.d stops real servers and records what was predicted, what that rested on, and what happened. scripts/servers
// runs it.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/host"
	"haltscope/dockercli"
)

func main() {
	image := flag.String("image", "", "the image that has the servers")
	out := flag.String("o", "servers.json", "the file to write")
	atOnce := flag.Int("at-once", 6, "how many containers run side by side")
	prefix := flag.String("name", "haltscope-servers", "what the names of the containers begin with")
	only := flag.String("only", "", "record only subjects whose name begins so, and print them")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGINT, unix.SIGTERM, unix.SIGHUP)
	defer stop()
	if err := run(ctx, machine{image: *image, prefix: *prefix}, *out, *only, *atOnce, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "servers:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, m machine, out, only string, atOnce int, file string) error {
	subjects, err := readSubjects(file)
	if err != nil {
		return err
	}
	subjects = slices.DeleteFunc(subjects, func(s subject) bool { return !strings.HasPrefix(s.name(), only) })
	m.docker = dockercli.New(dockercli.Options{Path: "docker", Timeout: 2 * time.Minute})
	kernel, here, err := host.Check(ctx, m.docker)
	if err != nil {
		return err
	}
	m.kernel, m.engine = kernel, here.EngineVersion
	fixture := fixture{Engine: here.EngineVersion, Kernel: here.Kernel, Cgroup: kernel.Version,
		GraceMs: grace.Milliseconds(), Subjects: make([]recorded, len(subjects))}
	var failed []error
	var work sync.WaitGroup
	var lock sync.Mutex
	slots := make(chan struct{}, atOnce)
	for i, s := range subjects {
		slots <- struct{}{}
		work.Go(func() {
			defer func() { <-slots }()
			r, err := m.record(ctx, i, s)
			lock.Lock()
			defer lock.Unlock()
			if err != nil {
				failed = append(failed, fmt.Errorf("%s: %w", s.name(), err))
				fmt.Printf("%-40s FAILED %v\n", s.name(), err)
				return
			}
			fixture.Subjects[i] = r
			fmt.Printf("%-40s %-18s %3d %6d ms  %s\n", s.name(), r.Observed, r.ExitCode, r.AfterMs, r.Predicted)
		})
	}
	work.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	fixture.Subjects = slices.DeleteFunc(fixture.Subjects, func(r recorded) bool { return r.Name == "" })
	if err := fixture.write(out); err != nil {
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// subject is one container to stop: a program, a way to run it, and a stop signal.
type subject struct {
	program, signal, form string
	setup, command        string
}

func (s subject) name() string { return strings.TrimSuffix(s.program+" "+s.signal+" "+s.form, " ") }

// readSubjects reads lines such as
//
//	memcached | TERM INT TERM/shell TERM/client=11211 | mkdir -p /run/memcached | memcached -u root
//
// A line without a bar, or that begins with #, is a comment.
func readSubjects(file string) (all []subject, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if strings.HasPrefix(line, "#") || !strings.Contains(line, "|") {
			continue
		}
		fields := strings.SplitN(line, "|", 4)
		if len(fields) != 4 {
			return nil, fmt.Errorf("%s:%d: NAME | SIGNALS | SETUP | COMMAND expected, not %q", file, n, line)
		}
		for _, way := range strings.Fields(fields[1]) {
			signal, form, _ := strings.Cut(way, "/")
			all = append(all, subject{program: strings.TrimSpace(fields[0]), signal: signal, form: form,
				setup: strings.TrimSpace(fields[2]), command: strings.TrimSpace(fields[3])})
		}
	}
	return all, lines.Err()
}

// argv returns the flags of docker run and the container's command. Without a form the program is the first process.
func (s subject) argv() (flags, command []string, err error) {
	setup := ""
	if s.setup != "" {
		setup = s.setup + "; "
	}
	form, argument, _ := strings.Cut(s.form, "=")
	exec := []string{"sh", "-c", setup + "exec " + s.command}
	switch form {
	case "", "client", "request", "young", "session":
		return nil, exec, nil
	case "init":
		return []string{"--init"}, exec, nil
	case "shell":
		return nil, []string{"sh", "-c", setup + s.command + "; exit $?"}, nil
	case "bash":
		return nil, []string{"bash", "-c", setup + s.command + "; exit $?"}, nil
	case "trap":
		return nil, []string{"sh", "-c", "trap 'exit 0' TERM; " + setup + s.command + "; exit $?"}, nil
	case "wait":
		return nil, []string{"sh", "-c", setup + s.command + " & trap 'kill -TERM $!' TERM; wait $!; wait $!"}, nil
	case "under":
		return nil, slices.Concat(strings.Split(argument, ","), exec), nil
	case "shell-under":
		return nil, slices.Concat(strings.Split(argument, ","), []string{"sh", "-c", setup + s.command + "; exit $?"}), nil
	}
	return nil, nil, fmt.Errorf("no such form: %s", s.form)
}
