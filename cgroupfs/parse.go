package cgroupfs

import (
	"bytes"
	"reflect"
	"sync"
)

// parseFigure reads the content of a single-value file, such as memory.current ("104857600\n") or memory.max ("max\n").
func parseFigure(data []byte) Figure {
	data = bytes.TrimSuffix(data, newline)
	if string(data) == "max" {
		return Figure{state: Max}
	}
	return parseUint(data)
}

var newline, space = []byte{'\n'}, []byte{' '}

// parseUint reads a decimal number. strconv's would need a string, and with it an allocation for each number read.
func parseUint(digits []byte) Figure {
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

// keyed says where the figure of a key goes.
type keyed struct {
	key string
	to  *Figure
}

// flatKeyed reads the figures of the wanted keys of a flat keyed file ("KEY VALUE\n"), and passes over the others.
func flatKeyed(data []byte, wanted []keyed) {
	for len(data) > 0 {
		var line []byte
		line, data, _ = bytes.Cut(data, newline)
		key, value, _ := bytes.Cut(line, space)
		if to := find(wanted, key); to != nil {
			*to = parseUint(value)
		}
	}
}

// find returns the figure of a key; nil where it is not wanted.
func find[K string | []byte](wanted []keyed, key K) *Figure {
	for i := range wanted {
		if string(key) == wanted[i].key {
			return wanted[i].to
		}
	}
	return nil
}

// oneKey reads the figure of a single key of a flat keyed file, and the file only as far as that.
func oneKey(data []byte, key string) Figure {
	for len(data) > 0 {
		var line []byte
		line, data, _ = bytes.Cut(data, newline)
		if n := len(key); len(line) > n && line[n] == ' ' && string(line[:n]) == key {
			return parseUint(line[n+1:])
		} else if string(line) == key {
			return Without(Failed)
		}
	}
	return Without(Unsupported)
}

// parseKiB reads "  5324 kB" and returns bytes. What /proc calls kB is KiB.
func parseKiB(value []byte) Figure {
	digits, ok := bytes.CutSuffix(bytes.TrimSpace(value), []byte(" kB"))
	kib, isNumber := parseUint(digits).Value()
	if !ok || !isNumber || kib > 1<<53 {
		return Without(Failed)
	}
	return Number(kib << 10)
}

// stats are the structs that consist of figures only, or of such structs.
type stats interface {
	MemoryStat | MemoryStatV1 | Events | MemoryEvents | SwapEvents | OOMControl | CPUStat | CPUStatV1 | CPUQuota |
		CgroupStat | IOStat | Pressure | SmapsRollup | Meminfo
}

// without returns stats none of whose figures is there, for the reason s.
func without[T stats](s State) T {
	return blanks()[s][reflect.TypeFor[T]()].(T)
}

// blanks holds each of the stats for each state, made once, when the first is needed: reflection allocates, and readings
// must not.
var blanks = sync.OnceValue(func() (all [Failed + 1]map[reflect.Type]any) {
	for s := range all {
		all[s] = map[reflect.Type]any{}
		for _, t := range []reflect.Type{
			reflect.TypeFor[MemoryStat](), reflect.TypeFor[MemoryStatV1](), reflect.TypeFor[Events](),
			reflect.TypeFor[MemoryEvents](), reflect.TypeFor[SwapEvents](), reflect.TypeFor[OOMControl](),
			reflect.TypeFor[CPUStat](), reflect.TypeFor[CPUStatV1](), reflect.TypeFor[CPUQuota](),
			reflect.TypeFor[CgroupStat](), reflect.TypeFor[IOStat](), reflect.TypeFor[Pressure](),
			reflect.TypeFor[SmapsRollup](), reflect.TypeFor[Meminfo](),
		} {
			v := reflect.New(t).Elem()
			fill(v, Without(State(s)))
			all[s][t] = v.Interface()
		}
	}
	return all
})

// fill sets every figure of a struct to f.
func fill(v reflect.Value, f Figure) {
	if v.Type() == reflect.TypeFor[Figure]() {
		v.Set(reflect.ValueOf(f))
		return
	}
	for i := range v.NumField() {
		fill(v.Field(i), f)
	}
}
