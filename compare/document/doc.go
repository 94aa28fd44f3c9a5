// Package document defines the JSON documents that commands report, their schemas, and reads them again. A document holds
// everything that a layout needs, so that it can be laid out later and on another machine.
//
// Each file defines the document of one command, or a part that several share. The comments of the fields are the
// descriptions in the JSON schemas. Units are in the names: _ms, _bytes, _usec, _percent.
package document

// Document is the report of one command.
type Document interface {
	// From returns where and when the report was made.
	From() *Origin
}

// From returns the report's origin.
func (d *Action) From() *Origin { return &d.Host.Origin }

// From returns the report's origin.
func (d *Check) From() *Origin { return &d.Host.Origin }

// From returns the report's origin.
func (d *Clean) From() *Origin { return &d.Host.Origin }

// From returns the report's origin.
func (d *Compare) From() *Origin { return &d.Host.Origin }

// From returns the report's origin.
func (d *Doctor) From() *Origin { return &d.Host.Origin }

// From returns the report's origin.
func (d *Inspect) From() *Origin { return &d.Host.Origin }

// From returns the report's origin.
func (d *Predict) From() *Origin { return &d.Host.Origin }

// From returns the report's origin.
func (d *Ps) From() *Origin { return &d.Host.Origin }

// From returns the report's origin.
func (d *Reclaim) From() *Origin { return &d.Host.Origin }

// From returns the report's origin.
func (d *Why) From() *Origin { return &d.Host.Origin }
