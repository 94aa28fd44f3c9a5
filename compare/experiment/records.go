package experiment

import (
	"context"
	"errors"
	"fmt"

	"haltscope/compare/workload"
	"haltscope/dockercli"
)

// records counts the embedded workload's records after the action.
type records struct {
	acknowledged, persisted int
	sameInstance            bool // the workload that reports is the one that ran before the action
}

// readRecords finds out how many records survived, if the twin runs the embedded workload.
func (x *experiment) readRecords(ctx context.Context, t *preparedTwin, b *resumed) {
	if t.log == nil {
		return
	}
	limit, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	if b.command == "unpause" {
		b.records, b.recordsErr = x.reportedRecords(limit, t)
	} else {
		b.records, b.recordsErr = x.recordsOnDisk(ctx, limit, t, b)
	}
	if b.recordsErr != nil && ctx.Err() == nil {
		t.failures.add(b.recordsErr)
	}
}

// reportedRecords asks the thawed workload to write its buffer, and to report what the disk then holds.
func (x *experiment) reportedRecords(ctx context.Context, t *preparedTwin) (*records, error) {
	if _, err := x.docker.Do(ctx, t.id, dockercli.Kill{Signal: workload.ReportSignal}); err != nil {
		return nil, err
	}
	s, ok := t.log.await(ctx, func(s logState) bool { return s.report != nil })
	if s.err != nil {
		return nil, s.err
	}
	if !ok {
		return nil, errors.New("the embedded workload did not report after the thaw")
	}
	return &records{acknowledged: s.acknowledgedAtReport, persisted: *s.report.Persisted,
		sameInstance: s.report.Instance == s.started.Instance}, nil
}

// recordsOnDisk reads how many records the restarted workload has found on the disk. Its log is followed as long as ctx
// lasts; limit is how long the answers may take.
func (x *experiment) recordsOnDisk(ctx, limit context.Context, t *preparedTwin, b *resumed) (*records, error) {
	first, ok := t.log.await(limit, func(s logState) bool { return s.ended || s.restarted })
	if first.err != nil {
		return nil, first.err
	}
	if !ok {
		return nil, errors.New("the log of the ended twin did not end")
	}
	log, err := x.follow(ctx, b.id(t), b.began)
	if err != nil {
		return nil, err
	}
	b.log = log
	again, ok := log.await(limit, func(s logState) bool { return s.ready })
	if !ok {
		return nil, fmt.Errorf("the embedded workload was not ready after docker %s: %s", b.command, lastLine(ctx, x.twins(), b.id(t)))
	}
	return &records{acknowledged: first.acknowledged, persisted: *again.started.Persisted,
		sameInstance: again.started.Instance == first.started.Instance}, nil
}
