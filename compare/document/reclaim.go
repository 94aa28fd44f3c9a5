package document

import "haltscope/compare/value"

// ReclaimSchema is the schema of [Reclaim].
const ReclaimSchema = "haltscope.reclaim/v1"

// Reclaim is the report of haltscope reclaim.
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
	Frozen           value.Maybe[bool]    `json:"frozen"`            // before the reclaim
	StillFrozen      value.Maybe[bool]    `json:"still_frozen"`      // after the reclaim
	RequestedBytes   value.Maybe[uint64]  `json:"requested_bytes"`   // the amount requested; null for all
	ReclaimableBytes uint64               `json:"reclaimable_bytes"` // an upper bound, by the kinds of memory in the ledger
	Kept             []Kept               `json:"kept"`              // what cannot be reclaimed
	BeforeBytes      value.Maybe[uint64]  `json:"before_bytes"`
	AfterBytes       value.Maybe[uint64]  `json:"after_bytes"`
	FreedBytes       value.Maybe[int64]   `json:"freed_bytes"`   // before − after; negative if the container grew
	SwappedBytes     value.Maybe[int64]   `json:"swapped_bytes"` // the growth of swap
	Exhausted        bool                 `json:"exhausted"`     // whether the kernel found nothing more to reclaim (EAGAIN)
	DurationMs       value.Maybe[float64] `json:"duration_ms"`
	Ledger           []LedgerRow          `json:"ledger"`
	ResumeCost       string               `json:"resume_cost"` // what the container pays when it runs again
	Warnings         []string             `json:"warnings"`
}

// Kept is memory that cannot be reclaimed.
type Kept struct {
	Kind   string             `json:"kind"`
	Bytes  value.Maybe[int64] `json:"bytes"`
	Reason string             `json:"reason"`
}
