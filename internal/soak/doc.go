// Package soak drives the clients and the consoles against an embedded Panel
// whose requests, sockets and tokens fail at random, for as long as it is told.
// It is tests alone:
//
//	go test ./internal/soak -v -simulated 30m -real 2m
package soak
