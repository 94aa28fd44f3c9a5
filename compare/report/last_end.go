package report

import (
	"strconv"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// lastEndCell returns how the last run of a container ended, and how long ago; nothing for one that runs.
func lastEndCell(m value.Maybe[document.LastEnd], now string) span {
	end, ok := m.Get()
	switch {
	case !ok:
		if reason, _, _ := m.Missing(); reason == value.Failed {
			return span{text: "failed"} // to ask about it
		}
		return span{}
	case end.StartError != "":
		return span{"not started", bad}
	}
	text := string(end.Verdict)
	if at, known := end.EndedAt.Get(); known {
		const rounding = time.Second // now has whole seconds
		if ago := whyTime(now).Sub(whyTime(at)); ago > -rounding && !whyTime(now).IsZero() {
			text += " " + roughly(value.Milliseconds(max(ago, 0)))
		}
	}
	return span{text, toneOf(end.Verdict)}
}

// lastEndLine says how the last run of a container ended.
func lastEndLine(end *document.LastEnd) (line []span) {
	if end.StartError != "" {
		line = append(line, span{text: "its last start "}, span{"failed", bad}, span{text: ": " + end.StartError})
	}
	if end.Verdict == "" {
		return line
	}
	if len(line) > 0 {
		line = append(line, span{text: "; "})
	}
	line = append(line, span{text: "its last run: "}, span{string(end.Verdict), toneOf(end.Verdict)})
	more := " (" + string(end.Confidence) + ")"
	if code, ok := end.ExitCode.Get(); ok {
		more += ", exit code " + strconv.Itoa(code)
	}
	if at, ok := end.EndedAt.Get(); ok {
		more += ", " + shortTime(at)
	}
	if end.How != "" {
		more += ": " + end.How
	}
	return append(line, span{text: more})
}
