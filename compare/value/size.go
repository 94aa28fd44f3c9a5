package value

import (
	"fmt"

	"github.com/docker/go-units"
)

// Size is a number of bytes. Its text is docker's notation: "64MiB", "64m".
type Size int64

// UnmarshalText parses docker's notation.
func (s *Size) UnmarshalText(text []byte) error {
	v, err := units.RAMInBytes(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a size, such as 64MiB", text)
	}
	*s = Size(v)
	return nil
}
