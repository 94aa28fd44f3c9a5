package acceptance

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// look is the script that checks a page. It returns a list of problems.
//
//go:embed testdata/look.js
var look string

// TestPage checks HTML reports in a browser, on wide and narrow pages, in light and dark: of real comparisons and containers, and of
// a document that is hard to lay out.
func TestPage(t *testing.T) {
	if lab() {
		t.Skip("no browser in the lab; the host runs this")
	}
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("%v: apt-get install chromium, as scripts/test does", err)
	}
	dir := t.TempDir()
	if keep := os.Getenv("HALTSCOPE_PAGES"); keep != "" { // keeps the pages for a human reader
		dir = keep
	}
	render := func(name string, args ...string) string {
		file := filepath.Join(dir, name+".html")
		args = append([]string{args[0], "--format", "html", "--output", file}, args[1:]...)
		if out, err := exec.Command(haltscope, args...).CombinedOutput(); err != nil {
			t.Fatalf("haltscope %s: %v: %s", strings.Join(args, " "), err, out)
		}
		return file
	}
	const paused, odd = "hs-page", "hs-page-shell"
	docker := func(args ...string) {
		if out, err := dockerCmd(args...).CombinedOutput(); err != nil {
			t.Fatalf("docker %v: %v: %s", args, err, out)
		}
	}
	docker("run", "--detach", "--name", paused, "--network", "none", "haltscope-test/redis")
	defer docker("rm", "--force", paused)
	docker("pause", paused)
	docker("run", "--detach", "--name", odd, "--network", "none", "--stop-timeout", "2", "haltscope-test/busybox", "tail", "-f", "/dev/null")
	defer docker("rm", "--force", odd)
	frozen, err := findFreezer(odd)
	if err == nil {
		err = setFreezer(frozen, "freeze")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer setFreezer(frozen, "thaw") // docker cannot remove it otherwise
	eventually(t, odd+" is frozen", func() bool {
		seen, err := os.ReadFile(frozen + "/freezer.state")
		if err == nil {
			return strings.TrimSpace(string(seen)) == "FROZEN"
		}
		seen, err = os.ReadFile(frozen + "/cgroup.events")
		return err == nil && strings.Contains(string(seen), "frozen 1")
	}, func() string { return frozen })
	found := map[string]string{
		"ps":             render("ps", "ps"),
		"inspect-frozen": render("inspect-frozen", "inspect", odd, paused),
		"predict":        render("predict", "predict", odd, paused),
	}
	if err := setFreezer(frozen, "thaw"); err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{
		"compare": render("compare", "compare", "--prove", "--", "--shm", "16MiB"),
		"actions": render("actions", "compare", "--actions", "kill,stop,pause,restart"),
		"repeat":  render("repeat", "compare", "--actions", "stop,pause", "--repeat", "3", "--hold", "1s"),
		"inspect": render("inspect", "inspect", paused),
		"doctor":  render("doctor", "doctor"),
		"dry":     render("dry", "stop", "--dry-run", odd),
		"stop":    render("stop", "stop", odd),
		"start":   render("start", "start", odd),
		"restart": render("restart", "restart", odd),
		"check":   render("check", "check", "--self-test"),
		"hard":    render("hard", "report", write(t, hard())),
		"bare":    render("bare", "report", write(t, bare())),
		"grace":   render("grace", "report", write(t, oddGraces())),
		"day":     render("day", "report", busyDay(t)),
		"odd-day": render("odd-day", "report", write(t, oddDay())),
		"today":   render("today", "why", "--since", "1h"),
	}
	maps.Copy(pages, found)
	charts := map[string]int{"compare": 2, "actions": 2, "repeat": 6, "inspect": 1, "predict": 2, "grace": 4, "dry": 1, "stop": 1,
		"restart": 1}
	limited, end := context.WithTimeout(t.Context(), 15*time.Minute)
	defer end()
	ctx, cancel := chromedp.NewExecAllocator(limited, append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(browser), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.WSURLReadTimeout(2*time.Minute),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	for name, file := range pages {
		t.Run(name, func(t *testing.T) { checkPage(ctx, t, file, charts[name]) })
	}
	nothingLeft(t)
}

// composed are the pages of documents that a test made up.
var composed = []string{"hard.html", "bare.html", "grace.html", "day.html", "odd-day.html"}

// checkPage loads a page and checks it. It counts the charts unless there are 0.
func checkPage(browser context.Context, t *testing.T, file string, charts int) {
	ctx, cancel := chromedp.NewContext(browser)
	defer cancel()
	var mu sync.Mutex
	var said []string
	err := chromedp.Listen(ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled:
			said = append(said, "on the console: "+string(e.Type))
		case *runtime.EventExceptionThrown:
			said = append(said, "an exception: "+e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			said = append(said, "in the log: "+e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if url := e.Request.URL; url != "file://"+file && !strings.HasPrefix(url, "data:") {
				said = append(said, "a request: "+url)
			}
		}
	})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(err)
	_, err = chromedp.Call(ctx, log.Enable, cdp.Empty{})
	must(err)
	_, err = chromedp.Call(ctx, network.Enable, network.EnableParams{})
	must(err)
	must(chromedp.Do(ctx, chromedp.Navigate("file://"+file)))
	made, err := os.ReadFile(file)
	must(err)
	host, err := os.Hostname()
	must(err)
	if !strings.Contains(string(made), "host "+host+" · haltscope ") && !slices.Contains(composed, filepath.Base(file)) {
		t.Error("the page does not say where and when it was made")
	}
	keep := func(suffix string, made []byte) {
		if os.Getenv("HALTSCOPE_PAGES") != "" {
			must(os.WriteFile(strings.TrimSuffix(file, ".html")+suffix, made, 0o644))
		}
	}
	for _, width := range []int64{1280, 480} {
		for _, scheme := range []string{"light", "dark"} {
			emulate(ctx, t, width, scheme)
			lookAt(ctx, t, width, scheme, charts)
			picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
			must(err)
			keep(fmt.Sprintf("-%d-%s.png", width, scheme), picture)
		}
	}
	if os.Getenv("HALTSCOPE_PAGES") != "" && strings.Contains(string(made), `id="time"`) { // the picture of the README
		emulate(ctx, t, 1280, "light")
		_, err = chromedp.Run(ctx, chromedp.Evaluate[string]("document.querySelector('#time').style.padding = '0 14px 14px'"))
		must(err)
		picture, err := chromedp.Run(ctx, chromedp.Screenshot("#time"))
		must(err)
		keep("-time.png", picture)
	}
	printed, err := chromedp.Run(ctx, chromedp.PrintToPDF())
	must(err)
	if len(printed) == 0 {
		t.Error("the PDF is empty")
	}
	keep(".pdf", printed)
	mu.Lock()
	defer mu.Unlock()
	for _, s := range said {
		t.Error(s)
	}
}

// emulate sets the width of the window, and the color scheme.
func emulate(ctx context.Context, t *testing.T, width int64, scheme string) {
	t.Helper()
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	if err == nil {
		err = chromedp.Do(ctx, chromedp.EmulateViewport(width, 900))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// lookAt checks the page as it is rendered now.
func lookAt(ctx context.Context, t *testing.T, width int64, scheme string, charts int) {
	seen, err := chromedp.Run(ctx, chromedp.Evaluate[struct {
		Wrong           []string
		Found           struct{ Charts, Marks, Words int }
		Width           int64
		Height          float64
		BackgroundColor string
	}](look+`
		Object.assign(look(), {Width: innerWidth, Height: document.querySelector('#time')?.getBoundingClientRect().height || 0,
			BackgroundColor: getComputedStyle(document.body).backgroundColor})`))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range seen.Wrong {
		t.Errorf("%d wide, %s: %s", width, scheme, w)
	}
	if dark := seen.BackgroundColor != "rgb(255, 255, 255)"; seen.Width != width || dark != (scheme == "dark") {
		t.Errorf("%d wide, %s: the checked page is %d wide, on %s", width, scheme, seen.Width, seen.BackgroundColor)
	}
	if found := seen.Found; found.Words < 10 || charts > 0 && (found.Charts != charts || found.Marks < 3*charts) {
		t.Errorf("%d wide, %s: %+v, wanted text, and %d charts with marks in them", width, scheme, found, charts)
	}
	// A laptop shows all actions at once: a window of 1280 × 720 less the bars of the browser.
	if width == 1280 && charts > 0 && seen.Height > 640 {
		t.Errorf("%s: the picture with its legend is %v high", scheme, seen.Height)
	}
}

// write writes a document to a file, as --format json does.
func write(t *testing.T, doc any) string {
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "document.json")
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// attack is text that would be interpreted as markup or code if it were not escaped.
const attack = `</title></script><script>window.attacked=1</script><img src=x onerror="window.attacked=1">"'><svg onload=window.attacked=1>`

// hard returns a comparison that is hard to lay out: endless names without a space, a name that attacks the page, arms
// without a duration, with one sample and with none, many events at once, and absent figures.
func hard() *document.Compare {
	endless := strings.Repeat("w", 300)
	known := value.Known[uint64]
	var crowd []document.Event
	for i := range 14 {
		crowd = append(crowd, document.Event{Action: "kill", Signal: value.Known(15 + i), AtMs: float64(i)})
	}
	steep := []document.Sample{}
	for i := range 40 {
		steep = append(steep, document.Sample{AtMs: float64(i*10 - 200), MemoryBytes: known(uint64(i) << 33), AnonBytes: known(uint64(i) << 32),
			CPUUsageUsec: known(uint64(i * i * 9000)), Frozen: value.Known(i%7 > 3)})
	}
	gap := []document.Sample{{AtMs: -500, MemoryBytes: known(1 << 20)}, {AtMs: -400}, {AtMs: -300, MemoryBytes: known(1 << 20)},
		{AtMs: -200, MemoryBytes: known(2 << 20)}}
	ledger := []document.LedgerRow{{Kind: attack, Group: "anon", BeforeBytes: value.Known[int64](1 << 20), FreedBy: endless, Source: attack},
		{Kind: "unattributed", Group: "unattributed", BeforeBytes: value.Known[int64](-4096)}}
	run := func(samples []document.Sample, events ...document.Event) document.Run {
		return document.Run{Container: document.Container{Name: attack},
			Verdict: document.Verdict{Kind: "inconclusive", Missing: endless + attack,
				Because: []document.Observation{{Source: attack, Value: endless}}},
			Command: document.Command{Argv: []string{"docker", "kill", attack}, Error: attack},
			State:   document.State{Ps: value.Known(attack)}, Events: events, Top: document.Top{Error: endless}, Samples: samples,
			Memory: document.Memory{Ledger: ledger}}
	}
	return &document.Compare{Schema: document.CompareSchema, Host: document.Host{EngineVersion: attack, Kernel: endless, CgroupVersion: 2},
		StartedAt: attack, Image: attack, Command: []string{endless}, Invocation: []string{"haltscope", "compare", attack},
		Arms: []document.Arm{
			{Action: "kill:" + attack, Runs: []document.Run{run([]document.Sample{}), run(steep)}},
			{Action: "stop:" + endless,
				Runs: []document.Run{run([]document.Sample{{AtMs: 1, MemoryBytes: known(5 << 30), Frozen: value.Known(true)}}, crowd...)}},
			{Action: "pause", Runs: []document.Run{run(steep, document.Event{Action: "pause", AtMs: 199},
				document.Event{Action: "unpause-" + endless, AtMs: 199.5})}},
			{Action: "rm", Runs: []document.Run{run(gap, document.Event{Action: attack, AtMs: -200})}},
			{Action: "restart", Runs: []document.Run{run(steep[:2])}},
		},
		Explanation: []document.Sentence{{Text: attack, Sources: []string{endless}}},
		Proofs: []document.Proof{{Claim: "x", Text: endless, Measured: attack},
			{Claim: "y", Text: attack, Holds: value.Known(false), HoldsIf: endless}}}
}

// bare returns a comparison of one action whose only run has no data.
func bare() *document.Compare {
	return &document.Compare{Schema: document.CompareSchema,
		Arms: []document.Arm{{Action: "kill",
			Runs: []document.Run{{Samples: []document.Sample{{AtMs: 0, MemoryBytes: value.Known[uint64](0)}}}}}}}
}

// oddGraces returns predictions of stops whose grace is hard to draw.
func oddGraces() *document.Predict {
	known := value.Known[float64]
	one := func(name string, grace, after value.Maybe[float64], candidates ...value.Kind) document.Predicted {
		c := document.Predicted{Name: name, Signal: document.StopSignal{Number: 15, Name: "SIGTERM"}, Grace: document.Grace{Ms: grace},
			Fix: []string{attack}}
		c.Stop = document.Outcome{Outcome: value.Forced, AfterMs: after, Candidates: candidates, ExitCodes: []int{137}}
		c.Kill, c.Pause = c.Stop, document.Outcome{Outcome: value.Paused, AfterMs: known(0)}
		return c
	}
	endless, open := value.Absent[float64](value.Max, ""), value.Absent[float64](value.NotMeasured, "")
	return &document.Predict{Schema: document.PredictSchema, Containers: []document.Predicted{
		one("none", known(0), known(0)), one(strings.Repeat("w", 300), endless, open, value.Graceful, value.Forced),
		one(attack, known(366*24*3600*1000), known(12)), one("short", known(10), open),
	}}
}
