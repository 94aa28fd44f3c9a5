// Package trace follows events that the kernel reports once, as they happen, and keeps in no file: that a process was born, executed
// a program, or ended, and how.
//
// A tap is bound to a file descriptor, so a program that is killed leaves none behind. What the kernel dropped because nobody read
// it in time is counted, never passed over.
package trace
