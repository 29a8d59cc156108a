package console

import (
	"errors"
	"fmt"
	"io"
	"testing"
)

// A connection that just ends is told of without the way the library found out.
func TestBrokenSocketIsTold(t *testing.T) {
	t.Parallel()
	err := brokenSocket(fmt.Errorf("failed to get reader: %w", fmt.Errorf("failed to read frame header: %w", io.EOF)))
	if got, want := err.Error(), "console: socket: the connection to the daemon ended: EOF"; got != want || !errors.Is(err, io.EOF) {
		t.Errorf("got %q, want %q", got, want)
	}
}
