package report

import (
	"maps"
	"strings"
	"testing"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

func TestConclusion(t *testing.T) {
	lost := func(r document.Run, lost, of int) document.Run {
		r.Data.Lost, r.Data.Acknowledged = value.Known(lost), value.Known(of)
		return r
	}
	one := func(kind value.Kind, ms float64) document.Run { return runsOf([]value.Kind{kind}, ms)[0] }
	paused := lost(one(value.Paused, 65), 0, 460)
	paused.Memory.AfterBytes = value.Known[uint64](103 << 20)
	restarted := lost(one(value.Restarted, 266), 0, 480)
	restarted.PreviousRun = &document.Verdict{Kind: value.Graceful}
	for _, c := range []struct {
		action string
		runs   []document.Run
		want   string
	}{
		{"kill", []document.Run{lost(one(value.Killed, 82), 140, 440)},
			"docker kill killed the program after 82.0 ms and lost 140 of 440 records."},
		{"stop:1s", []document.Run{one(value.Forced, 1050)}, "docker stop 1s ended the program by force after 1.05 s."},
		{"pause", []document.Run{paused}, "docker pause froze the container after 65.0 ms and lost no record; its 103 MiB stay in memory."},
		{"restart", []document.Run{restarted},
			"docker restart let the program end gracefully after 266 ms, restarted the container and lost no record."},
		{"stop", runsOf([]value.Kind{"graceful", "graceful", "forced"}, 100, 300, 10000),
			"docker stop let the program end gracefully after 200 ms (100 ms … 300 ms) (2 of 3 runs)."},
	} {
		if got := conclusion(&document.Compare{Arms: []document.Arm{{Action: c.action, Runs: c.runs}}}); got != c.want {
			t.Errorf("%s, wanted %s", got, c.want)
		}
	}
	for _, kind := range value.Verdicts {
		if did[kind] == "" {
			t.Errorf("the conclusion does not know the verdict %s", kind)
		}
	}
}

// TestCardsOfSeveralRuns checks that runs of an action share a card, with a dot for each.
func TestCardsOfSeveralRuns(t *testing.T) {
	arms := []document.Arm{{Action: "stop", Runs: runsOf([]value.Kind{"graceful", "forced"}, 100, 10000, 100, 10000, 100)},
		{Action: "pause", Runs: runsOf([]value.Kind{"paused"}, 30, 40, 50)}}
	cards := armCards(&document.Compare{Arms: arms})
	if len(cards.Nodes) != len(arms) {
		t.Fatalf("%d cards, wanted %d", len(cards.Nodes), len(arms))
	}
	for i, card := range cards.Nodes {
		dots := map[string]int{}
		for _, n := range card.Nodes {
			if n.Kind != "picture" {
				continue
			}
			for _, s := range shapesOf(t, n.Picture.Drawings()[0]) {
				if s.Name.Local == "circle" {
					fill, _, _ := strings.Cut(s.Attr[len(s.Attr)-1].Value, ";")
					dots[fill]++
				}
			}
		}
		want := []map[string]int{{"fill:var(--good)": 3, "fill:var(--bad)": 2}, {"fill:var(--good)": 3}}[i]
		if !maps.Equal(dots, want) {
			t.Errorf("card %d has the dots %v, wanted %v", i, dots, want)
		}
	}
}
