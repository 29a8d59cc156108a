package main

import (
	"errors"
	"io"
)

// stream copies a download to standard output and closes it.
func (a *app) stream(from io.ReadCloser) error {
	_, err := io.Copy(a.Out, from)
	return errors.Join(err, from.Close())
}
