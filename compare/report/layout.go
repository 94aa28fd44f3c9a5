package report

import (
	"io"
	"strings"
)

// paged is a document that is made of blocks. Of one that is not, every layout has its table as it is.
type paged interface{ Page() *Page }

func pageOf(doc Document) (*Page, error) {
	if p, ok := doc.(paged); ok {
		return p.Page(), nil
	}
	var b strings.Builder
	if err := doc.Table(&b, TableOptions{}); err != nil {
		return nil, err
	}
	p := &Page{Title: "haltscope"}
	p.code(0, b.String())
	return p, nil
}

// Markdown lays a document out for an issue or a wiki.
func Markdown(w io.Writer, doc Document) error {
	p, err := pageOf(doc)
	if err != nil {
		return err
	}
	return p.markdown(w)
}
