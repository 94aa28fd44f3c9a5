package watch

import (
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"haltscope/compare/fault"
	"haltscope/dockercli"
)

// Settings are the flags of the command, as they were given.
type Settings struct {
	Since    string
	Until    string
	NoFollow bool // report the past and end
	Filters  []string
	Redact   bool
	NoTrace  bool // do not follow who sends signals
	Interval time.Duration
	Every    time.Duration
	Listen   string // address of the metrics; "" for none
	Textfile string // the metrics as a file; "" for none
	Journal  string // folder that keeps the lines; "" for none
}

// options parses the settings.
func (s Settings) options(now time.Time) (o Options, err error) {
	o = Options{Interval: s.Interval, Every: s.Every, Redact: s.Redact, NoTrace: s.NoTrace}
	if err := o.setTimes(s, now); err != nil {
		return o, err
	}
	if o.Filter, o.Names, err = ParseFilters(s.Filters); err != nil {
		return o, err
	}
	if s.Interval < 10*time.Millisecond || s.Every < time.Second {
		return o, &fault.UsageError{Text: "--interval must be at least 10ms, and --reconcile at least 1s"}
	}
	if s.Textfile != "" && filepath.Ext(s.Textfile) != ".prom" {
		return o, &fault.UsageError{Text: fmt.Sprintf("--textfile %s: node_exporter reads only files whose names end in .prom", s.Textfile)}
	}
	return o, nil
}

// setTimes parses the times between which the watch reports.
func (o *Options) setTimes(s Settings, now time.Time) (err error) {
	if o.Since, err = ParseTime("--since", s.Since, now); err != nil {
		return err
	}
	if o.Until, err = ParseTime("--until", s.Until, now); err != nil {
		return err
	}
	what := "--until " + s.Until
	if s.NoFollow {
		o.Until, what = now, "--no-follow"
	}
	o.PastOnly = !o.Until.IsZero() && !o.Until.After(now)
	switch {
	case o.Since.After(now):
		return &fault.UsageError{Text: "--since " + s.Since + " is still to come", Next: "to watch from now on, leave it out"}
	case o.PastOnly && o.Since.IsZero():
		return &fault.UsageError{Text: what + " reports only the past, and needs to know since when", Next: "add --since, such as --since 1h"}
	case o.PastOnly && !o.Since.Before(o.Until):
		return &fault.UsageError{Text: "there is no time between --since " + s.Since + " and " + what}
	}
	return nil
}

// sinceLayouts are the forms of dates that docker events takes, each of them with or without a zone. The last one allows a
// fraction of a second. Source: moby, api/types/time, GetTimestamp.
var sinceLayouts = []string{"2006-01-02", "2006-01-02T15", "2006-01-02T15:04", "2006-01-02T15:04:05"}

// ParseTime parses the time of a flag as docker events does: a duration before now, seconds of the Unix epoch, or a date, in now's zone
// unless it names one. It returns the zero time for "".
func ParseTime(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	const latest = math.MaxInt64 / int64(time.Second) // in the year 2262; time.Unix counts nanoseconds
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds >= 0 && seconds < float64(latest) {
		return time.Unix(0, int64(seconds*1e9)), nil
	}
	for _, layout := range sinceLayouts {
		for _, zone := range []string{"", "Z07:00"} {
			if t, err := time.ParseInLocation(layout+zone, text, now.Location()); err == nil {
				return t, nil
			}
		}
	}
	return time.Time{}, &fault.UsageError{
		Text: fmt.Sprintf("%s %q is not a time: try 10m (ago), 2026-05-20, 2026-05-20T12:00:00Z, or seconds since 1970", flag, text)}
}

// ParseFilters parses filters of docker's form, with the keys that docker ps and docker events have in common: any of one key
// must match, and all keys. A name is a regular expression, as with docker ps.
func ParseFilters(texts []string) (f dockercli.Filter, names []*regexp.Regexp, err error) {
	for _, text := range texts {
		key, value, ok := strings.Cut(text, "=")
		if !ok || value == "" {
			return f, nil, &fault.UsageError{Text: fmt.Sprintf("--filter %q: try name=web, label=env=prod or image=nginx", text)}
		}
		switch key {
		case "label":
			f.Labels = append(f.Labels, value)
		case "image":
			f.Images = append(f.Images, value)
		case "name":
			name, err := regexp.Compile(value)
			if err != nil {
				return f, nil, &fault.UsageError{Text: fmt.Sprintf("--filter %q: %v", text, err)}
			}
			names = append(names, name)
		default:
			return f, nil, &fault.UsageError{Text: fmt.Sprintf("--filter %q: the keys are name, label and image", text)}
		}
	}
	return f, names, nil
}
