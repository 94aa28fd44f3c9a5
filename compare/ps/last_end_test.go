package ps

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

func (*fakeDocker) EventHistory(context.Context) (dockercli.History, error) {
	return dockercli.History{}, nil
}

func (*fakeDocker) Endpoint(context.Context) (dockercli.Endpoint, error) {
	return dockercli.Endpoint{}, errors.New("a daemon of a test")
}

// TestAddLastEnds: Docker is asked once, about those that do not run.
func TestAddLastEnds(t *testing.T) {
	ended := dockercli.Container{ID: "b", State: dockercli.State{Status: "exited", ExitCode: 3, StartedAt: time.Unix(1e9, 0),
		FinishedAt: time.Unix(1e9+5, 0)}}
	docker := &fakeDocker{inspected: dockercli.Inspections{Found: map[string]dockercli.Container{"b": ended},
		Failed: map[string]error{"c": errors.New("no answer")}}}
	none := value.Absent[document.LastEnd](value.NotMeasured, "it has not ended")
	doc := &document.Ps{}
	for id, state := range map[string]string{"a": "running", "b": "exited", "c": "dead", "d": "paused", "e": "exited"} {
		doc.Containers = append(doc.Containers, document.PsLine{ID: id, Docker: document.PsState{State: state}, LastEnd: none})
	}
	addLastEnds(t.Context(), docker, doc)
	slices.Sort(docker.asked)
	if !slices.Equal(docker.asked, []string{"b", "c", "e"}) {
		t.Errorf("asked about %v", docker.asked)
	}
	for _, l := range doc.Containers {
		end, known := l.LastEnd.Get()
		reason, _, _ := l.LastEnd.Missing()
		want := value.NotMeasured // of those that run, and of e, which was removed meanwhile
		if l.ID == "c" {
			want = value.Failed
		}
		if l.ID == "b" {
			if code, _ := end.ExitCode.Get(); !known || end.Verdict != value.Inconclusive || code != 3 {
				t.Errorf("%s: %+v", l.ID, end)
			}
		} else if known || reason != want {
			t.Errorf("%s: %+v, %s", l.ID, end, reason)
		}
	}
	docker.asked = nil
	addLastEnds(t.Context(), docker, &document.Ps{Containers: doc.Containers[:0]})
	if docker.asked != nil {
		t.Errorf("without any, asked about %v", docker.asked)
	}
}
