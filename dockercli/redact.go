package dockercli

import (
	"cmp"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"

	"haltscope/compare/value"
)

// aboutEnvironment are words of docker's errors about the environment itself. Such an error may quote a variable in part or
// in another form, and is not repeated at all.
var aboutEnvironment = []string{"env file", "env-file", "environment", "variable", "utf8", "utf-8"}

// redact hides the values of variables that docker's standard error quotes: $NAME stands for a value.
func (e Environment) redact(stderr string) string {
	lower := strings.ToLower(stderr)
	for _, word := range aboutEnvironment {
		if strings.Contains(lower, word) {
			return "docker refused the environment variables; its message is not shown because it may contain one of them" + e.named(stderr)
		}
	}
	return e.Hide(stderr)
}

// Hide replaces the values of the variables in a text: $NAME stands for a value of 4 bytes or more.
func (e Environment) Hide(text string) string {
	type secret struct{ text, name string }
	var all []secret
	for _, line := range e.known() {
		name, value, _ := strings.Cut(line, "=")
		if len(value) >= leastSecret {
			all = append(all, secret{value, name})
		}
		if value != "" {
			text = strings.ReplaceAll(text, line, name+"=$"+name)
		}
	}
	slices.SortFunc(all, func(a, b secret) int { return cmp.Compare(len(b.text), len(a.text)) })
	for _, s := range all {
		for _, form := range forms(s.text) {
			text = strings.ReplaceAll(text, form, "$"+s.name)
		}
	}
	return text
}

// known lists all variables whose values are known, as NAME=VALUE. A file that cannot be read is docker's to report. One that
// is not a regular file is not read: it would give its lines to this call or to docker, and the command line refuses it.
func (e Environment) known() []string {
	all := slices.Clone(e.lines)
	add := func(line string) {
		if name := line; !strings.Contains(line, "=") {
			line = name + "=" + os.Getenv(name)
		}
		all = append(all, line)
	}
	for _, file := range e.files {
		if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				add(line)
			}
		}
	}
	for _, line := range e.added {
		add(line)
	}
	return all
}

// leastSecret is the length of the shortest value that is looked for in docker's standard error, in bytes. Shorter ones, such as
// 1 or yes, occur there by chance.
const leastSecret = 4

// forms returns the forms in which docker may print a value: unchanged, or quoted as Go or JSON do.
func forms(value string) []string {
	inner := func(quoted string) string { return quoted[1 : len(quoted)-1] }
	all := []string{value, inner(strconv.Quote(value))}
	if quoted, err := json.Marshal(value); err == nil {
		all = append(all, inner(string(quoted)))
	}
	return slices.Compact(all)
}

// named lists the names of the variables that docker's standard error has in it.
func (e Environment) named(stderr string) string {
	var names []string
	for _, line := range e.known() {
		name, _, _ := strings.Cut(line, "=")
		if name == "" {
			continue
		}
		if strings.Contains(stderr, name+"=") || strings.Contains(stderr, strconv.Quote(name)) || strings.Contains(stderr, "'"+name+"'") {
			names = append(names, value.Clean(name))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "; it names " + value.Truncate(strings.Join(names, ", "), 300)
}
