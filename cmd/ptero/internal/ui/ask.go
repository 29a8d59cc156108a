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

// AskSecret asks for a secret, which is not shown while it is typed. Where
// input is no terminal it reads a line.
func (t *Terminal) AskSecret(question string) (string, error) {
	if !t.InTTY || t.input == nil {
		return t.readLine()
	}
	fmt.Fprint(t.Err, question+": ")
	answer, err := term.ReadPassword(int(t.input.Fd()))
	fmt.Fprintln(t.Err)
	return strings.TrimSpace(string(answer)), err
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
