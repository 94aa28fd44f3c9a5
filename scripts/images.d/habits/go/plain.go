//go:build !notify

package main

func handle(chan<- struct{}) {}
