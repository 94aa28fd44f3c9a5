package proof

import "haltscope/compare/document"

// Names of the claims.
const (
	MemoryKept     = "memory-kept"
	NoCPUTime      = "no-cpu-time"
	CacheReclaimed = "cache-reclaimed"
	AnonKept       = "anon-kept"
	ReturnCosts    = "return-costs"
	StopFrees      = "stop-frees"
)

// Judge returns a proof for each claim, in the order of the explanation in the report.
func Judge(f Facts) []document.Proof {
	return []document.Proof{f.memoryKept(), f.noCPUTime(), f.cacheReclaimed(), f.anonKept(), f.returnCosts(), f.stopFrees()}
}
