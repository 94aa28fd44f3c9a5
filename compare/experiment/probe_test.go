package experiment

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// tried is a set of attempts of which one is answered, one hangs until answer is closed or it is ended, and one is skipped.
func tried(answer chan struct{}) *attempts {
	all := &attempts{}
	all.ctx, all.cancel = context.WithCancel(context.Background())
	all.begin("quick", nil, "", func(context.Context) (string, string) { return document.Answered, "" })
	all.begin("slow", nil, "", func(ctx context.Context) (string, string) {
		select {
		case <-answer:
			return document.Answered, "late"
		case <-ctx.Done():
			return document.ProbeFailed, ctx.Err().Error()
		}
	})
	all.begin("none", nil, "not here", nil)
	return all
}

const patience = 50 * time.Millisecond

func settleAll(all *attempts) {
	all.settle(context.Background(), time.Minute, func(*attempt) time.Duration { return patience })
}

// outcomes are those of the reports, with a - for absent ones.
func outcomes(all *attempts) (list []string) {
	for _, t := range all.all {
		if outcome, ok := t.report("after").Outcome.Get(); ok {
			list = append(list, outcome)
		} else {
			list = append(list, "-")
		}
	}
	return list
}

// An attempt that hangs is answered after the thaw, or is given up.
func TestAttempts(t *testing.T) {
	want := []string{document.Answered, document.Hung, "-"}
	answer := make(chan struct{})
	all := tried(answer)
	settleAll(all)
	if got := outcomes(all); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	thawed := time.Now()
	close(answer)
	settleAll(all)
	all.end()
	late := all.all[1].afterUnpause(thawed)
	if late.Outcome != value.Known(document.Answered) || late.Detail != "late" {
		t.Errorf("after the thaw: %+v", late)
	}
	if ms, ok := late.AfterMs.Get(); !ok || ms < 0 {
		t.Errorf("%v ms after the thaw", ms)
	}

	all = tried(nil)
	settleAll(all)
	all.end()
	all.end() // again, by the clean-up
	if got := outcomes(all); !slices.Equal(got, want) {
		t.Errorf("given up: %q, want %q", got, want)
	}
	if late := all.all[1].afterUnpause(thawed); late.Outcome.Reason() != value.NotMeasured {
		t.Errorf("given up: %+v", late)
	}
}

// The longest time limit holds for all, and an interruption ends the waiting.
func TestSettleLimits(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for name, settle := range map[string]func(*attempts){
		"longest": func(a *attempts) {
			a.settle(context.Background(), patience, func(*attempt) time.Duration { return time.Hour })
		},
		"interrupted": func(a *attempts) { a.settle(ended, time.Hour, func(*attempt) time.Duration { return time.Hour }) },
	} {
		all := tried(nil)
		began := time.Now()
		settle(all)
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s: %s", name, took)
		}
		all.end()
	}
}

func failedCall(exitCode int) error {
	return &dockercli.CallError{Argv: []string{"docker", "exec"}, ExitCode: exitCode, Stderr: "no", Err: errDocker}
}

func TestOutcomeOf(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, document.Answered},
		{failedCall(1), document.Refused},
		{failedCall(125), document.Refused},
		{failedCall(126), document.ProbeFailed}, // docker exec: the program did not start
		{failedCall(-1), document.ProbeFailed},
		{errDocker, document.ProbeFailed},
	} {
		if got, _ := outcomeOf(c.err); got != c.want {
			t.Errorf("%v: %s, want %s", c.err, got, c.want)
		}
	}
}

// exposing is an image that exposes ports.
func exposing(ports ...string) (i dockercli.Image) {
	i.Config.ExposedPorts = map[string]struct{}{}
	for _, port := range ports {
		i.Config.ExposedPorts[port] = struct{}{}
	}
	return i
}

// fakeAttach attaches until it is ended, or fails at once.
type fakeAttach struct{ err error }

func (a fakeAttach) Attach(ctx context.Context, _ string) error {
	if a.err == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	return a.err
}

// fakeEvents has the event attach, or waits for it.
type fakeEvents struct{ attached bool }

func (e fakeEvents) Await(ctx context.Context, _ string, _ time.Time, enough func([]dockercli.Event) bool) bool {
	if e.attached {
		return enough([]dockercli.Event{{Action: "attach"}})
	}
	<-ctx.Done()
	return false
}

func TestAttach(t *testing.T) {
	soon, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, c := range []struct {
		name     string
		attach   fakeAttach
		attached bool
		want     string
	}{
		{"the event confirms it", fakeAttach{}, true, document.Answered},
		{"docker refuses", fakeAttach{failedCall(1)}, false, document.Refused},
		{"neither, until it is ended", fakeAttach{}, false, document.ProbeFailed},
	} {
		if got, _ := attach(soon, c.attach, fakeEvents{c.attached}, "id"); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// Any bytes are an answer.
func TestRequest(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }))
	defer server.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			conn, err := silent.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	defer silent.Close()
	for _, c := range []struct{ name, address, want string }{
		{"a server", strings.TrimPrefix(server.URL, "http://"), document.Answered},
		{"nothing listens", closed.Addr().String(), document.Refused},
		{"it is closed without an answer", silent.Addr().String(), document.ProbeFailed},
	} {
		if got, detail := requestUntil(context.Background(), c.address, time.Now()); got != c.want {
			t.Errorf("%s: %s (%s), want %s", c.name, got, detail, c.want)
		}
	}
}

func TestProbePlan(t *testing.T) {
	for _, c := range []struct {
		name  string
		plan  probePlan
		at    published
		flags string
		skip  string
	}{
		{"nothing is tried", probePlan{}, published{}, "", "docker port does not list it"},
		{"the workload", probePlan{port: 8080, network: "net"}, published{address: "127.0.0.1:1"}, "--publish 127.0.0.1::8080", ""},
		{"an image", probePlan{port: 80, network: "net", program: program{mount: "/bin/haltscope"}}, published{address: "127.0.0.1:1"},
			"--volume /bin/haltscope:/haltscope-probe:ro --publish 127.0.0.1::80", ""},
		{"an image without a port", probePlan{noPort: "no port"}, published{}, "", "no port"},
		{"docker port fails", probePlan{port: 80}, published{err: errDocker}, "", errDocker.Error()},
	} {
		if flags := strings.Join(c.plan.flags(), " "); flags != c.flags {
			t.Errorf("%s: %s, want %s", c.name, flags, c.flags)
		}
		if skip := c.plan.skipRequest(c.at); skip != c.skip {
			t.Errorf("%s: %q, want %q", c.name, skip, c.skip)
		}
	}
}

// What cannot be tried has a reason. A network that was made is removed in the end.
func TestPlanProbes(t *testing.T) {
	workload, nginx := image{reference: "workload", embedded: true}, image{reference: "nginx"}
	for _, c := range []struct {
		name      string
		off       bool
		image     image
		docker    fakeDocker
		port      int
		noPort    string
		arguments string
		network   string
		err       error
	}{
		{name: "without --probe", off: true, image: workload},
		{name: "the workload", image: workload, port: workloadPort, arguments: "--listen 8080", network: "haltscope-0123abcd"},
		{name: "an image", image: nginx, docker: fakeDocker{image: exposing("443/tcp", "80/tcp", "53/udp")}, port: 80,
			network: "haltscope-0123abcd"},
		{name: "an image without a port", image: nginx, noPort: "exposes no TCP port"},
		{name: "docker image inspect fails", image: nginx, docker: fakeDocker{imageErr: errDocker}, err: errDocker},
		{name: "docker network create fails", image: workload, docker: fakeDocker{networkErr: errDocker}, noPort: "docker network create failed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := &experiment{Options: Options{Probe: !c.off}, run: "0123abcd", image: c.image, progress: noProgress{}}
			p, err := x.planProbes(context.Background(), &c.docker)
			if !errors.Is(err, c.err) {
				t.Fatalf("%v, want %v", err, c.err)
			}
			if err != nil {
				return
			}
			if p.port != c.port || p.network != c.network || strings.Join(p.arguments, " ") != c.arguments || x.leftovers.network != c.network {
				t.Errorf("%+v, to be removed: %q", p, x.leftovers.network)
			}
			if (p.noPort == "") != (c.noPort == "") || !strings.Contains(p.noPort, c.noPort) {
				t.Errorf("no port: %q, want %q", p.noPort, c.noPort)
			}
		})
	}
}

// fakeKill fails, or has the workload write a line to its log.
type fakeKill struct {
	log  *workloadLog
	line string
	err  error
}

func (k fakeKill) Do(context.Context, string, dockercli.Action) (dockercli.Call, error) {
	if k.line != "" {
		k.log.add([]byte(k.line))
	}
	return dockercli.Call{}, k.err
}

// The answer to a signal counts, and not that to an earlier one.
func TestTouch(t *testing.T) {
	const started = `{"event":"started","instance":"aa","persisted":0}`
	const touched = `{"event":"touched","instance":"aa","held_usec":5,"file_usec":6,"intact":true}`
	for _, c := range []struct {
		name string
		line string
		err  error
		ends bool  // its log
		why  error // likewise
		want string
	}{
		{"it answers", touched, nil, false, nil, ""},
		{"docker kill fails", "", errDocker, false, nil, errDocker.Error()},
		{"its log breaks off", "", nil, true, errDocker, errDocker.Error()},
		{"it ends", "", nil, true, nil, "did not respond"},
	} {
		log := &workloadLog{change: make(chan struct{})}
		log.add([]byte(started))
		log.add([]byte(strings.Replace(touched, "5", "1", 1)))
		if c.ends {
			log.end(c.why)
		}
		got, err := touch(context.Background(), fakeKill{log, c.line, c.err}, "id", log)
		if c.want == "" {
			if err != nil || got.Held != 5*time.Microsecond || !got.Intact {
				t.Errorf("%s: %+v, %v", c.name, got, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
