package figure

import "bytes"

var newline = []byte{'\n'}

// Parse parses a file that holds one value, such as memory.max: a number or the word "max", and a newline.
//
//	104857600
//
// Source: cgroup-v2.rst, "Format".
func Parse(data []byte) Figure {
	data = bytes.TrimSuffix(data, newline)
	if string(data) == "max" {
		return Without(Max)
	}
	return ParseUint(data)
}

// ParseUint parses a decimal number. Package strconv would need a string, and so an allocation for each number.
func ParseUint(digits []byte) Figure {
	if len(digits) == 0 {
		return Without(Failed)
	}
	var v uint64
	for _, c := range digits {
		d := uint64(c) - '0'
		if d > 9 || v > (1<<64-1)/10 {
			return Without(Failed)
		}
		if v = v*10 + d; v < d {
			return Without(Failed)
		}
	}
	return Number(v)
}

// ParseKiB parses a size such as "  5324 kB" and returns bytes. The kB of /proc is 1024 bytes.
//
// Source: proc_meminfo(5).
func ParseKiB(value []byte) Figure {
	digits, hasUnit := bytes.CutSuffix(bytes.TrimSpace(value), []byte(" kB"))
	kib, ok := ParseUint(digits).Value()
	if !hasUnit || !ok || kib > 1<<53 {
		return Without(Failed)
	}
	return Number(kib << 10)
}
