package document

import (
	"encoding/json"
	"io"
)

// JSON writes a document as indented JSON. The notes of [Ps] are made here, since a table does not need them.
func JSON(w io.Writer, document any) error {
	if p, ok := document.(*Ps); ok {
		p.Notes = Notes(p)
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(document)
}
