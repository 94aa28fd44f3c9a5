//go:build notify

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// handle asks for SIGTERM, unless it is told not to: the program can handle signals, and does not.
func handle(end chan<- struct{}) {
	if len(os.Args) > 1 && os.Args[1] == "other" {
		signal.Notify(make(chan os.Signal, 1), syscall.SIGUSR1)
		return
	}
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGTERM)
	go func() { <-c; close(end) }()
}
