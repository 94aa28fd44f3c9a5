package prediction

import "strings"

// flagReader reads command line options as getopt(3) does.
type flagReader struct {
	short string   // each letter an option; a letter with a colon takes a value
	long  []string // "name" or "name="; may be abbreviated in the arguments
	// permutes: options after the first operand count too, up to "--", as the C library of GNU has it for a program that does not ask
	// for POSIX.
	permutes bool
}

// read calls found for each option, by its letter or its long name, with its value; "" for none.
func (r flagReader) read(arguments []string, found func(option, value string)) {
	for len(arguments) > 0 {
		argument := arguments[0]
		arguments = arguments[1:]
		switch {
		case argument == "--":
			return
		case argument == "-" || !strings.HasPrefix(argument, "-"):
			if !r.permutes {
				return
			}
		case strings.HasPrefix(argument, "--"):
			arguments = r.readLong(argument[2:], arguments, found)
		default:
			arguments = r.readShort(argument[1:], arguments, found)
		}
	}
}

func (r flagReader) readLong(argument string, rest []string, found func(option, value string)) []string {
	name, given, hasValue := strings.Cut(argument, "=")
	for _, long := range r.long {
		option, takesValue := strings.CutSuffix(long, "=")
		if !strings.HasPrefix(option, name) {
			continue
		}
		if takesValue && !hasValue && len(rest) > 0 {
			given, rest = rest[0], rest[1:]
		}
		found(option, given)
		return rest
	}
	return rest
}

func (r flagReader) readShort(letters string, rest []string, found func(option, value string)) []string {
	for i, letter := range letters {
		at := strings.IndexRune(r.short, letter)
		if at < 0 || at+1 == len(r.short) || r.short[at+1] != ':' {
			found(string(letter), "")
			continue
		}
		given := letters[i+1:]
		if given == "" && len(rest) > 0 {
			given, rest = rest[0], rest[1:]
		}
		found(string(letter), given)
		break
	}
	return rest
}
