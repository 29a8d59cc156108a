package ui

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/term"
)

// Ask asks a question and returns the answer, or the default for an empty one.
func (t *Terminal) Ask(question, otherwise string) (string, error) {
	if otherwise != "" {
		question += " [" + otherwise + "]"
	}
	fmt.Fprint(t.Err, question+": ")
	answer, err := t.readLine()
	if answer == "" {
		answer = otherwise
	}
	return answer, err
}

// ErrInterrupted means that somebody did not want to answer.
var ErrInterrupted = errors.New("interrupted")

// AskSecret asks for a secret, which is not shown while it is typed. Where
// input is no terminal it reads a line.
func (t *Terminal) AskSecret(question string) (string, error) {
	if !t.InTTY || t.input == nil {
		return t.readLine()
	}
	// Nothing is echoed from before the question on, also what is pasted early.
	fd := int(t.input.Fd())
	state, err := term.MakeRaw(fd)
	if err != nil {
		return "", err
	}
	defer func() { _ = term.Restore(fd, state) }()
	answer, err := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{t.input, t.Err}, "").ReadPassword(question + ": ")
	if errors.Is(err, io.EOF) { // by ctrl-c or ctrl-d
		err = ErrInterrupted
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
