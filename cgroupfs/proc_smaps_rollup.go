package cgroupfs

import "bytes"

// SmapsRollup is /proc/PID/smaps_rollup, in bytes: all mappings of a process added up. Rss counts a page that several
// processes map whole for each of them, Pss its share; only Pss of all processes adds up. Pss_Anon and its two kin
// came with 5.3, the file with 4.14.
type SmapsRollup struct {
	Rss, Pss, PssAnon, PssFile, PssShmem                 Figure
	SharedClean, SharedDirty, PrivateClean, PrivateDirty Figure
	AnonHugePages, Swap, SwapPss, Locked                 Figure
}

// parseSmapsRollup parses a header and lines of "Key: value kB". Source: proc_pid_smaps(5);
// Documentation/ABI/testing/procfs-smaps_rollup.
//
//	55a9191b9000-7ffcbc7df000 ---p 00000000 00:00 0                          [rollup]
//	Rss:                1712 kB
//	Pss:                 254 kB
//	Pss_Anon:            112 kB
//	…
func parseSmapsRollup(data []byte) SmapsRollup {
	r := without[SmapsRollup](Unsupported)
	for line := range bytes.Lines(data) {
		key, value, _ := bytes.Cut(line, []byte{':'})
		if f := r.field(key); f != nil {
			*f = parseKiB(value)
		}
	}
	return r
}

func (r *SmapsRollup) field(key []byte) *Figure {
	switch string(key) {
	case "Rss":
		return &r.Rss
	case "Pss":
		return &r.Pss
	case "Pss_Anon":
		return &r.PssAnon
	case "Pss_File":
		return &r.PssFile
	case "Pss_Shmem":
		return &r.PssShmem
	case "Shared_Clean":
		return &r.SharedClean
	case "Shared_Dirty":
		return &r.SharedDirty
	case "Private_Clean":
		return &r.PrivateClean
	case "Private_Dirty":
		return &r.PrivateDirty
	case "AnonHugePages":
		return &r.AnonHugePages
	case "Swap":
		return &r.Swap
	case "SwapPss":
		return &r.SwapPss
	case "Locked":
		return &r.Locked
	}
	return nil
}
