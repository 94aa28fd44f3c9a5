// Package memory breaks down what is charged to a cgroup into rows that add up, and says for each row why a freeze keeps it and
// what frees it.
//
//   - [Split] makes the rows of a reading, on cgroup v1 and v2.
//   - [RuleOf] says why a kind of row is kept, what frees it, and how certain that is.
//   - [Explain] puts the facts of one container into sentences, [Reclaimable] into one figure.
//
// All functions are pure.
package memory
