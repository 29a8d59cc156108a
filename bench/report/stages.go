package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// stage is a set of benchmarks that run as often.
type stage struct {
	tests  string // folder of the tests
	bench  string // pattern
	time   string // of each benchmark, as for -benchtime
	rounds int
	env    string // of the build
	prefix string // of the benchmarks' names in the results
}

// stages take about a quarter of an hour on two idle cores.
var stages = []stage{
	{tests: ".", bench: "^BenchmarkGet$", time: "0.3s", rounds: 14},
	{tests: ".", bench: "^BenchmarkDecodePage$", time: "0.2s", rounds: 10},
	{tests: ".", bench: "^BenchmarkDecodePage$/^(raw|ptero)$", time: "0.2s", rounds: 10, env: "GOEXPERIMENT=jsonv2", prefix: "WithV2"},
	{tests: ".", bench: "^BenchmarkTransfer$", time: "3x", rounds: 24},
	{tests: "../console", bench: "^BenchmarkLines$", time: "200000x", rounds: 10},
	{tests: ".", bench: "^BenchmarkTransferHeap$", time: "1x", rounds: 6},
	{tests: "../console", bench: "^BenchmarkIdle$", time: "1x", rounds: 3},
	{tests: ".", bench: "^BenchmarkChaos$", time: "1x", rounds: 1},
	{tests: ".", bench: "^BenchmarkFleet$", time: "1x", rounds: 1},
	{tests: ".", bench: "^BenchmarkWalk$", time: "1x", rounds: 5},
	{tests: ".", bench: "^BenchmarkWalkHeap$", time: "1x", rounds: 3},
	{tests: ".", bench: "^BenchmarkRateLimit$", time: "1x", rounds: 2},
	{tests: ".", bench: "^BenchmarkImporter$", time: "1x", rounds: 1},
	{tests: ".", bench: "^BenchmarkColdBuild$", time: "1x", rounds: 1},
}

// runStages runs all stages.
func runStages(ctx context.Context, dir string, to io.Writer) error {
	programs := make(map[string]string)
	for _, s := range stages {
		program := programs[s.tests+s.env]
		if program == "" {
			program = filepath.Join(dir, strconv.Itoa(len(programs)))
			programs[s.tests+s.env] = program
			if err := s.build(ctx, program); err != nil {
				return err
			}
		}
		for range s.rounds {
			if err := s.run(ctx, program, to); err != nil {
				return err
			}
		}
	}
	return nil
}

// build compiles the tests.
func (s *stage) build(ctx context.Context, program string) error {
	cmd := exec.CommandContext(ctx, "go", "test", "-c", "-o", program, ".") //nolint:gosec // our own
	cmd.Dir = s.tests
	cmd.Stderr = os.Stderr
	if s.env != "" {
		cmd.Env = append(os.Environ(), s.env)
	}
	return cmd.Run()
}

// run runs one round.
func (s *stage) run(ctx context.Context, program string, to io.Writer) error {
	cmd := exec.CommandContext(ctx, program, "-test.run=^$", "-test.bench="+s.bench, "-test.benchtime="+s.time, "-test.benchmem", "-test.timeout=10m") //nolint:gosec // our own
	cmd.Dir = s.tests
	cmd.Stderr = os.Stderr
	output, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", s.bench, err, output)
	}
	lines := bufio.NewScanner(bytes.NewReader(output))
	for lines.Scan() {
		if result, is := strings.CutPrefix(lines.Text(), "Benchmark"); is {
			if _, err := fmt.Fprintf(to, "Benchmark%s%s\n", s.prefix, result); err != nil {
				return err
			}
		}
	}
	return lines.Err()
}
