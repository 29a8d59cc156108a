package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"strings"

	"github.com/ptero-go/ptero/internal/foldersync"
	"github.com/ptero-go/ptero/internal/rest"
)

// measuredBody determines the length of the caller's content.
type measuredBody struct {
	content   io.Reader
	temporary *os.File // a copy, nil if none was needed
}

// edit is the last editor of a request, so nothing of the content is read if an
// argument is wrong.
func (b *measuredBody) edit(ctx context.Context, req *http.Request) error {
	found, err := rest.Within(ctx, 0,
		func() (measured, error) { return measure(ctx, b.content) },
		func(late measured, _ error) { remove(late.temporary) })
	if err != nil {
		return rest.Unreadable(req, err)
	}
	b.temporary = found.temporary
	return rest.Body(found.content)(ctx, req)
}

// close removes the copy.
func (b *measuredBody) close() { remove(b.temporary) }

func remove(temporary *os.File) {
	if temporary != nil {
		_ = temporary.Close()
		_ = os.Remove(temporary.Name())
	}
}

type measured struct {
	content   *rest.Content
	temporary *os.File
}

// measure determines the length of a content. If it cannot be determined without
// reading, the content is copied into a temporary file.
func measure(ctx context.Context, content io.Reader) (measured, error) {
	if content == nil {
		return measured{content: new(rest.Content)}, nil
	}
	if v := reflect.ValueOf(content); v.Kind() == reflect.Pointer && v.IsNil() {
		return measured{}, fmt.Errorf("the content is a nil %T", content)
	}
	switch content := content.(type) {
	case *bytes.Buffer:
		return measured{content: inMemory(content.Bytes())}, nil
	case io.ReadSeeker:
		if found := measureSeeker(content); found != nil {
			return measured{content: found}, nil
		}
	}
	file, err := os.CreateTemp("", "ptero-write-*")
	if err != nil {
		return measured{}, err
	}
	counted := &foldersync.CountingReader{Reader: content, Count: func(int64) {}}
	length, err := io.Copy(file, readerFunc(func(p []byte) (int, error) {
		if ctx.Err() != nil { // after a Read that blocked
			return 0, context.Cause(ctx)
		}
		return counted.Read(p)
	}))
	if err != nil {
		remove(file)
		return measured{}, fmt.Errorf("copy the content to measure it: %w", err)
	}
	return measured{seekable(file, 0, length), file}, nil
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// inMemory returns the content of a slice.
func inMemory(content []byte) *rest.Content {
	return &rest.Content{
		Length:   int64(len(content)),
		InMemory: true,
		Open:     func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
	}
}

// measureSeeker returns the content from its current position to its end, or nil
// if its length cannot be determined: a pipe cannot seek, and a file of /proc
// claims to be empty.
func measureSeeker(content io.ReadSeeker) *rest.Content {
	start, err := content.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil
	}
	end, err := content.Seek(0, io.SeekEnd)
	if _, back := content.Seek(start, io.SeekStart); err != nil || back != nil {
		return nil
	}
	if end <= start {
		n, err := content.Read(make([]byte, 1))
		if _, back := content.Seek(start, io.SeekStart); n > 0 || !errors.Is(err, io.EOF) || back != nil {
			return nil
		}
	}
	return seekable(content, start, max(end-start, 0))
}

// seekable returns a content that begins at start.
func seekable(content io.ReadSeeker, start, length int64) *rest.Content {
	found := &rest.Content{Length: length, Open: func() (io.ReadCloser, error) {
		_, err := content.Seek(start, io.SeekStart)
		return io.NopCloser(io.LimitReader(content, length)), err
	}}
	switch content.(type) {
	case *bytes.Reader, *strings.Reader:
		found.InMemory = true
	}
	return found
}
