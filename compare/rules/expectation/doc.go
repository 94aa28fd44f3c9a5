// Package expectation judges whether a docker stop met expectations, and says why it did not and what to change.
//
//	Expectations  what the stop is expected to do
//	Stop          what was observed of it, and the facts about the container right before
//	Judge         each expectation: met, not met or, if the observations do not decide it, absent with the reason
//	Explain       why expectations were not met, and advice
//
// The package is pure: no clock, no process, no file.
package expectation
