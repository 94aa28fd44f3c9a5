// Package document defines the JSON documents that commands report, their schemas, and reads them again. A document holds
// everything that a layout needs, so that it can be laid out later and on another machine.
//
// Each file defines the document of one command, or a part that several share. The comments of the fields are the
// descriptions in the JSON schemas. Units are in the names: _ms, _bytes, _usec, _percent.
package document

// Document is the report of one command.
type Document interface{ document() }

func (*Action) document()  {}
func (*Check) document()   {}
func (*Clean) document()   {}
func (*Compare) document() {}
func (*Doctor) document()  {}
func (*Inspect) document() {}
func (*Predict) document() {}
func (*Ps) document()      {}
func (*Reclaim) document() {}
func (*Why) document()     {}
