package document

// ReplacedMount is what a twin has in place of a mount of the container that it could change something through.
type ReplacedMount struct {
	Destination string      `json:"destination"` // the path in the container
	Type        string      `json:"type"`        // volume or bind
	Source      string      `json:"source"`      // the volume's name, or the path on the host
	By          Replacement `json:"by"`
	Because     string      `json:"because"` // why a mount that is read-only is replaced all the same; "" for any other
}

// Replacement is what replaces a mount.
type Replacement string

// The replacements.
const (
	NewVolume      Replacement = "new-volume" // an anonymous volume, which Docker fills with what the image has there
	Copy           Replacement = "copy"       // an anonymous volume with a copy of the content
	ReadOnly       Replacement = "read-only"  // the same file, which the twin cannot write to
	NothingMounted Replacement = "nothing"    // nothing, for sockets and devices, and for read-only directories that have one
)
