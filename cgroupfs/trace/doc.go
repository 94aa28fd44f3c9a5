// Package trace follows events that the kernel reports once, as they happen, and keeps in no file: that a process was born, or ended,
// and how ([Processes]); and who sent a signal ([Signals]).
//
// A tap is bound to a file descriptor, so a program that is killed leaves none behind. That the kernel dropped events because nobody
// read them in time is reported, never passed over.
package trace
