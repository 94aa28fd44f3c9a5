package value

// Reason says why a value is absent. Package document writes it into the notes of a report.
type Reason string

// The reasons.
const (
	Unsupported Reason = "unsupported"  // this kernel, cgroup version, engine, event or end has no such thing
	Vanished    Reason = "vanished"     // the cgroup, process or container is gone
	Denied      Reason = "denied"       // reading it was refused
	Failed      Reason = "failed"       // reading it failed, or the answer could not be understood
	NotMeasured Reason = "not-measured" // it was not read
	Max         Reason = "max"          // the limit is "max": there is none
)
