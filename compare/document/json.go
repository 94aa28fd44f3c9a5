package document

import (
	"encoding/json"
	"io"
)

// JSON writes a document as the JSON contract has it.
func JSON(w io.Writer, document any) error {
	if p, ok := document.(*Ps); ok {
		p.Notes = Notes(p)
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(document)
}
