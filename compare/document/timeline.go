package document

import "haltscope/compare/value"

// Timeline is what containers did over a time.
type Timeline struct {
	From       string              `json:"from"` // RFC 3339
	To         string              `json:"to"`   // RFC 3339
	Containers []TimelineContainer `json:"containers"`
	Bands      []TimelineBand      `json:"bands"` // times about which something is to be known of the host
}

// TimelineContainer is when a container ran. How its runs ended is in the containers of the document, by its id.
type TimelineContainer struct {
	Name  string         `json:"name"`
	ID    string         `json:"id"`
	Spans []TimelineSpan `json:"spans"` // running first, and then what is within that
}

// SpanState is the state of a container over a time.
type SpanState string

// The states. A container that is paused or frozen is also running.
const (
	SpanRunning SpanState = "running"
	SpanPaused  SpanState = "paused"
	SpanFrozen  SpanState = "frozen" // outside Docker
)

// TimelineSpan is a time in which a container was in a state.
type TimelineSpan struct {
	State SpanState           `json:"state"`
	From  value.Maybe[string] `json:"from"` // RFC 3339
	To    string              `json:"to"`   // RFC 3339
}

// BandKind says what a band of a timeline is about.
type BandKind string

// The kinds of bands.
const (
	BandUnwatched BandKind = "unwatched" // no watch saw what happened, or may have
	BandDaemon    BandKind = "daemon"    // Docker's daemon was down or restarted, or did not answer
	BandBoot      BandKind = "boot"      // the host booted
)

// TimelineBand is a time, or a moment, about which something is to be known of the host.
type TimelineBand struct {
	Kind BandKind `json:"kind"`
	From string   `json:"from"` // RFC 3339
	To   string   `json:"to"`   // RFC 3339; From for a moment
	Text string   `json:"text"`
}
