// Package value holds the small types and formats that every layer uses: a value or the reason why there is none, sizes and
// durations as text, and text that is safe for a terminal or a shell. It imports nothing of haltscope.
package value
