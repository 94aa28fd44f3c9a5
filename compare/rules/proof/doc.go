// Package proof tests what haltscope claims about pausing against measurements on throwaway containers (twins).
//
// [Judge] takes [Facts] and returns a proof for each claim: whether it holds, what was measured, and which figures that rests on.
// A claim that could not be tested says why. The package is pure: package experiment measures.
package proof
