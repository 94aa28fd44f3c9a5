package cgroupfs

import "haltscope/cgroupfs/figure"

// ReadOnlineCPUs lists the CPUs of this machine that are online, from /sys/devices/system/cpu/online.
//
//	0-3
//
// Source: admin-guide/cputopology.rst.
func ReadOnlineCPUs() figure.CPUList { return figure.ReadCPUList("/sys/devices/system/cpu/online") }
