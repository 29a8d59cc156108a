package ui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/term"
)

// Ask asks a question and returns the answer, or the default for an empty one.
// The error is [ErrInterrupted] if ctx ends before there is one, or if the input
// does.
func (t *Terminal) Ask(ctx context.Context, question, otherwise string) (string, error) {
	if otherwise != "" {
		question += " [" + otherwise + "]"
	}
	fmt.Fprint(t.Err, question+": ")
	answer, err := answered(ctx, t.readLine)
	if errors.Is(err, io.EOF) {
		err = ErrInterrupted
	}
	if err != nil {
		fmt.Fprintln(t.Err) // the question stays alone on its line
		return "", err
	}
	if answer == "" {
		answer = otherwise
	}
	return answer, nil
}

// answered reads an answer, but does not wait for it once ctx has ended. The
// reading goes on then, until the program ends.
func answered(ctx context.Context, read func() (string, error)) (string, error) {
	type result struct {
		answer string
		err    error
	}
	results := make(chan result, 1)
	go func() {
		answer, err := read()
		results <- result{answer, err}
	}()
	select {
	case r := <-results:
		return r.answer, r.err
	case <-ctx.Done():
		return "", ErrInterrupted
	}
}

// ErrInterrupted means that somebody did not want to answer.
var ErrInterrupted = errors.New("interrupted")

// AskSecret asks for a secret, which is not shown while it is typed. Where
// input is no terminal it reads a line. The error is [ErrInterrupted] if ctx
// ends before there is an answer.
func (t *Terminal) AskSecret(ctx context.Context, question string) (string, error) {
	if !t.InTTY || t.input == nil {
		return answered(ctx, t.readLine)
	}
	// Nothing is echoed from before the question on, also what is pasted early.
	fd := int(t.input.Fd())
	state, err := term.MakeRaw(fd)
	if err != nil {
		return "", err
	}
	defer func() { _ = term.Restore(fd, state) }()
	answer, err := answered(ctx, func() (string, error) {
		return term.NewTerminal(struct {
			io.Reader
			io.Writer
		}{t.input, t.Err}, "").ReadPassword(question + ": ")
	})
	if errors.Is(err, io.EOF) { // by ctrl-c or ctrl-d
		err = ErrInterrupted
	}
	if err != nil {
		fmt.Fprint(t.Err, "\r\n")
	}
	return strings.TrimSpace(answer), err
}

// readLine reads a line and no further, so that others can read on.
func (t *Terminal) readLine() (string, error) {
	reader, ok := t.In.(*bufio.Reader)
	if !ok {
		reader = bufio.NewReader(t.In)
		t.In = reader
	}
	line, err := reader.ReadString('\n')
	if errors.Is(err, io.EOF) && line != "" {
		err = nil
	}
	return strings.TrimSpace(line), err
}
