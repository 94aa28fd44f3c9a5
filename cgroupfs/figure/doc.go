// Package figure holds the values that kernel files contain, each of which may be missing for a reason.
//
// A [Figure] is one number, a [CPUList] is a list of CPUs. Zero, "max", absent, gone, denied and failed are different
// answers, and every report keeps them apart: see [State]. Functions that read a whole file of figures return a struct of
// them, and one missing file makes each of its figures missing for the same reason: see [AllWithout].
//
// The parsers take bytes and do not allocate, because readings are taken many times a second.
package figure
