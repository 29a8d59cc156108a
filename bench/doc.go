// Package bench holds the client against what one would write by hand, with
// net/http and encoding/json. It is a module of its own, so that the decoders
// that it compares never reach those who import the SDK.
//
// `make bench` runs it and writes the results into docs/benchmarks.md.
package bench
