package document

import (
	"haltscope/compare/value"
)

// ReclaimSchema names the document of reclaim, and its version.
const ReclaimSchema = "haltscope.reclaim/v1"

// Reclaim is the document of `haltscope reclaim`.
type Reclaim struct {
	Schema     string      `json:"schema"`
	Host       Host        `json:"host"`
	DryRun     bool        `json:"dry_run"`
	Containers []Reclaimed `json:"containers"`
	Notes      []Note      `json:"notes"`
}

// Reclaimed is one container.
type Reclaimed struct {
	Name             string               `json:"name"`
	ID               string               `json:"id"`
	Status           string               `json:"status"`            // docker inspect
	Frozen           value.Maybe[bool]    `json:"frozen"`            // before
	StillFrozen      value.Maybe[bool]    `json:"still_frozen"`      // behind
	RequestedBytes   value.Maybe[uint64]  `json:"requested_bytes"`   // of the kernel; null for all
	ReclaimableBytes uint64               `json:"reclaimable_bytes"` // what reclaim could give back, by the rules of the rows
	Kept             []Kept               `json:"kept"`              // what it cannot give back
	BeforeBytes      value.Maybe[uint64]  `json:"before_bytes"`
	AfterBytes       value.Maybe[uint64]  `json:"after_bytes"`
	FreedBytes       value.Maybe[int64]   `json:"freed_bytes"`   // before − after: the container may have grown meanwhile
	SwappedBytes     value.Maybe[int64]   `json:"swapped_bytes"` // what swap has grown by
	Exhausted        bool                 `json:"exhausted"`     // the kernel found no more to take (EAGAIN)
	DurationMs       value.Maybe[float64] `json:"duration_ms"`
	Ledger           []LedgerRow          `json:"ledger"`
	ResumeCost       string               `json:"resume_cost"` // of resuming
	Warnings         []string             `json:"warnings"`
}

// Kept is what reclaim leaves.
type Kept struct {
	Kind   string             `json:"kind"`
	Bytes  value.Maybe[int64] `json:"bytes"`
	Reason string             `json:"reason"`
}
