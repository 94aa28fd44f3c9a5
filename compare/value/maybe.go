// Package value holds small types that every layer uses: a value or the reason why there is none, durations and sizes as text,
// text for terminals and shells, signals, docker verbs, versions. It imports no other package of this module.
package value

import (
	"encoding/json"
	"reflect"
)

// Maybe is a value, or the reason why there is none. Without a value it is null in JSON, and [Notes] has an entry. The
// zero Maybe was not measured.
type Maybe[T any] struct {
	value  T
	ok     bool
	reason Reason
	detail string
}

// Reason is why a value is not there.
type Reason string

// The reasons why a value is not there.
const (
	Unsupported Reason = "unsupported"  // this kernel, cgroup version or engine has no such thing
	Vanished    Reason = "vanished"     // the cgroup, process or container is gone
	Denied      Reason = "denied"       // it was asked for and refused
	Failed      Reason = "failed"       // it was asked for, and the answer failed or could not be understood
	NotMeasured Reason = "not-measured" // it was not asked for
	Max         Reason = "max"          // a limit that is none
)

// Known returns a value that is there.
func Known[T any](v T) Maybe[T] { return Maybe[T]{value: v, ok: true} }

// Absent returns a value that is not there. The detail may be empty.
func Absent[T any](reason Reason, detail string) Maybe[T] {
	return Maybe[T]{reason: reason, detail: detail}
}

// Get returns the value, and whether there is one.
func (m Maybe[T]) Get() (T, bool) { return m.value, m.ok }

// Reason says why there is no value; "" where there is one.
func (m Maybe[T]) Reason() Reason {
	reason, _, _ := m.Missing()
	return reason
}

// Detail says more about why there is no value; it may be empty.
func (m Maybe[T]) Detail() string { return m.detail }

// UnmarshalJSON reads a value, or null; why there is none is told by a document's notes: see [Decode].
func (m *Maybe[T]) UnmarshalJSON(data []byte) error {
	*m = Maybe[T]{}
	if string(data) == "null" {
		return nil
	}
	m.ok = true
	return json.Unmarshal(data, &m.value)
}

// MarshalJSON writes the value, or null.
func (m Maybe[T]) MarshalJSON() ([]byte, error) {
	if !m.ok {
		return []byte("null"), nil
	}
	return json.Marshal(m.value)
}

// Missing reports whether there is no value, and why.
func (m Maybe[T]) Missing() (reason Reason, detail string, missing bool) {
	if m.ok {
		return "", "", false
	}
	if m.reason == "" {
		return NotMeasured, m.detail, true
	}
	return m.reason, m.detail, true
}

// Clean makes the value's texts and the reason's safe for a terminal: see [Clean].
func (m *Maybe[T]) Clean() {
	m.reason, m.detail = Reason(Clean(string(m.reason))), Clean(m.detail)
	cleanStrings(reflect.ValueOf(&m.value).Elem())
}

// Inside returns a pointer to the value and whether there is one. A value may itself hold Maybes.
func (m *Maybe[T]) Inside() (any, bool) { return &m.value, m.ok }

// SetReason says why there is no value. It does nothing where there is one.
func (m *Maybe[T]) SetReason(reason Reason, detail string) {
	if !m.ok {
		m.reason, m.detail = reason, detail
	}
}

// As returns a missing value of another type, for the same reason.
func As[T, U any](m Maybe[U]) Maybe[T] {
	reason, detail, _ := m.Missing()
	return Absent[T](reason, detail)
}

// KnownOr returns v if it is known, and otherwise a missing value with the reason given.
func KnownOr[T any](v T, known bool, reason Reason, detail string) Maybe[T] {
	if known {
		return Known(v)
	}
	return Absent[T](reason, detail)
}
