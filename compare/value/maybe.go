package value

import (
	"encoding/json"
	"reflect"
)

// Maybe is a value, or the reason why there is none. An absent value is null in JSON, and the notes of the document give
// the reason. The zero Maybe is absent and [NotMeasured].
type Maybe[T any] struct {
	value  T
	ok     bool
	reason Reason
	detail string
}

// Known returns a Maybe that holds v.
func Known[T any](v T) Maybe[T] { return Maybe[T]{value: v, ok: true} }

// Absent returns a Maybe without a value. The detail is for people and may be empty.
func Absent[T any](reason Reason, detail string) Maybe[T] {
	return Maybe[T]{reason: reason, detail: detail}
}

// KnownOr returns v if it is known, and an absent value otherwise.
func KnownOr[T any](v T, known bool, reason Reason, detail string) Maybe[T] {
	if known {
		return Known(v)
	}
	return Absent[T](reason, detail)
}

// As returns an absent value of another type, with the reason and detail of m.
func As[T, U any](m Maybe[U]) Maybe[T] {
	reason, detail, _ := m.Missing()
	return Absent[T](reason, detail)
}

// Get returns the value, and whether there is one.
func (m Maybe[T]) Get() (T, bool) { return m.value, m.ok }

// Missing returns why there is no value, and whether there is none.
func (m Maybe[T]) Missing() (reason Reason, detail string, missing bool) {
	if m.ok {
		return "", "", false
	}
	if m.reason == "" {
		return NotMeasured, m.detail, true
	}
	return m.reason, m.detail, true
}

// Reason returns why there is no value, or "" if there is one.
func (m Maybe[T]) Reason() Reason {
	reason, _, _ := m.Missing()
	return reason
}

// Detail returns more about why there is no value. It may be empty.
func (m Maybe[T]) Detail() string { return m.detail }

// SetReason sets why there is no value. It has no effect if there is one.
func (m *Maybe[T]) SetReason(reason Reason, detail string) {
	if !m.ok {
		m.reason, m.detail = reason, detail
	}
}

// Pointer returns a pointer to the value, which may hold further Maybes, and whether there is one.
func (m *Maybe[T]) Pointer() (any, bool) { return &m.value, m.ok }

// MarshalJSON writes the value, or null.
func (m Maybe[T]) MarshalJSON() ([]byte, error) {
	if !m.ok {
		return []byte("null"), nil
	}
	return json.Marshal(m.value)
}

// UnmarshalJSON reads a value, or null. Null leaves the reason [NotMeasured]: the notes of the document give the real one.
func (m *Maybe[T]) UnmarshalJSON(data []byte) error {
	*m = Maybe[T]{}
	if string(data) == "null" {
		return nil
	}
	m.ok = true
	return json.Unmarshal(data, &m.value)
}

// Clean applies [Clean] to the value's strings and to the reason.
func (m *Maybe[T]) Clean() {
	m.reason, m.detail = Reason(Clean(string(m.reason))), Clean(m.detail)
	cleanStrings(reflect.ValueOf(&m.value).Elem())
}
