package document

import "haltscope/compare/value"

// WhySchema is the schema of [Why].
const WhySchema = "haltscope.why/v1"

// Why is the report of haltscope why.
type Why struct {
	Schema     string         `json:"schema"`
	Host       Host           `json:"host"`
	Since      string         `json:"since"` // RFC 3339; "" if the last runs of some containers were asked for
	Sources    []WhySource    `json:"sources"`
	Containers []WhyContainer `json:"containers"`         // with --since, the one that ended last is the first
	Timeline   *Timeline      `json:"timeline,omitempty"` // since that time; left out without one
	Notes      []Note         `json:"notes"`
}

// WhySource is a source of what is known about the past.
type WhySource struct {
	Name  string              `json:"name"`
	Read  bool                `json:"read"`
	Error string              `json:"error"` // why it could not be read, or not all of it; "" if it could
	From  value.Maybe[string] `json:"from"`  // RFC 3339: what it tells begins here
}

// WhyContainer is one container, and how its runs ended.
type WhyContainer struct {
	Name          string           `json:"name"`
	ID            string           `json:"id"`
	Status        string           `json:"status"` // docker inspect; removed; or unknown, if Docker does not answer
	RestartPolicy string           `json:"restart_policy"`
	RestartCount  value.Maybe[int] `json:"restart_count"` // by its restart policy, since somebody else started it
	NotStarted    *NotStarted      `json:"not_started,omitempty"`
	Ends          []WhyEnds        `json:"ends"` // all that are known, by kind
	Runs          []WhyRun         `json:"runs"` // that have ended, the last one first
	Warnings      []string         `json:"warnings"`
}

// NotStarted is why the last start of a container failed.
type NotStarted struct {
	Error    string `json:"error"` // Docker's
	ExitCode int    `json:"exit_code"`
	Means    string `json:"means"` // what that exit code means
}

// WhyEnds counts the ends of one kind.
type WhyEnds struct {
	Kind  value.Kind `json:"kind"`
	Count int        `json:"count"`
	First string     `json:"first"` // RFC 3339
	Last  string     `json:"last"`  // RFC 3339
}

// WhyRun is one run that has ended.
type WhyRun struct {
	StartedAt value.Maybe[string]  `json:"started_at"` // RFC 3339
	EndedAt   value.Maybe[string]  `json:"ended_at"`   // RFC 3339
	UptimeMs  value.Maybe[float64] `json:"uptime_ms"`
	Verdict   WhyVerdict           `json:"verdict"`
	ExitCode  value.Maybe[int]     `json:"exit_code"`
	Means     string               `json:"exit_code_means"` // by convention
	OOMKilled value.Maybe[bool]    `json:"oom_killed"`      // docker inspect's: of any process of the container
	Signals   []value.Maybe[int]   `json:"signals"`         // that Docker sent, as far as its events are known
	SentBy    value.Maybe[Actor]   `json:"sent_by"`         // who sent the signal that ended it
	AskedBy   value.Maybe[Actor]   `json:"asked_by"`        // who asked Docker to end it
	LogHint   string               `json:"log_hint"`        // a line of its log that may tell more; "" for none, or if not asked for
	Next      []string             `json:"next"`            // what to do, as commands for a shell
}

// WhyVerdict is how a run ended.
type WhyVerdict struct {
	Kind       value.Kind       `json:"kind"`
	Confidence value.Confidence `json:"confidence"` // certain, likely or unknown
	How        string           `json:"how"`        // as a clause; "" where the kind says all
	Because    []WhyBecause     `json:"because"`
	Missing    string           `json:"missing"` // what would decide, if the kind is inconclusive
}

// WhyBecause is one observation that a verdict rests on.
type WhyBecause struct {
	Source string              `json:"source"`
	At     value.Maybe[string] `json:"at"` // RFC 3339
	Value  string              `json:"value"`
}
