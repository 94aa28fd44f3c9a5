// Package document defines the JSON documents that the commands report, and reads them again. A document holds all that a
// layout needs, so that it can be laid out later and on another machine.
package document

// Document is a report of one command.
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
