// What a Go program does with the signal that docker stop sends. Built twice: with the tag notify it handles the signal,
// without it the program does not even link os/signal.
package main

import (
	"fmt"
	"time"
)

func main() {
	end := make(chan struct{})
	handle(end)
	fmt.Println("ready")
	select {
	case <-end:
		fmt.Println("bye")
	case <-time.After(24 * time.Hour):
	}
}
