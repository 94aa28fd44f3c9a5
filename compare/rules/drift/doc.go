// Package drift compares what Docker says about a container with what the kernel says.
//
// [Questions] asks both the same questions and says where the answers agree. [Findings] names the known ways in which the two
// drift apart, what no longer works then, and how to fix it. Both are pure: package inspect gathers [Docker] and [Kernel].
package drift
