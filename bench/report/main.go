// Command report runs all benchmarks and writes the results into
// docs/benchmarks.md. It runs in the folder bench:
//
//	go run ./report            # run, keep the output in results.txt, write the page
//	go run ./report -from-file # write the page from results.txt
//
// Contestants take turns: each round runs all of them once, so that what else
// happens on the machine meets them alike.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"time"
)

const (
	resultsFile = "results.txt" // fit for benchstat
	page        = "../docs/benchmarks.md"
)

func main() {
	log.SetFlags(0)
	fromFile := flag.Bool("from-file", false, "run nothing, write the page from "+resultsFile)
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *fromFile)
	cancel()
	if err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, fromFile bool) error {
	if !fromFile {
		if err := measure(ctx); err != nil {
			return err
		}
	}
	output, err := os.ReadFile(resultsFile)
	if err != nil {
		return err
	}
	found, err := read(output)
	if err != nil {
		return err
	}
	written, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	rewritten, err := rewrite(written, found.render())
	if err != nil {
		return err
	}
	_, _ = fmt.Print(found.goals())
	return os.WriteFile(page, rewritten, 0o644) //nolint:gosec // all may read it
}

// measure runs all benchmarks into the file of results.
func measure(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "ptero-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	var output bytes.Buffer
	for _, fact := range machine(ctx) {
		_, _ = fmt.Fprintf(&output, "%s: %s\n", fact.name, fact.value)
	}
	start := time.Now()
	if err := runStages(ctx, dir, io.MultiWriter(&output, os.Stdout)); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(&output, "load-after: %s\ntook: %s\n", load(), time.Since(start).Round(time.Second))
	return os.WriteFile(resultsFile, output.Bytes(), 0o644) //nolint:gosec // all may read it
}
