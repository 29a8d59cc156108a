package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

// Content is a request body that comes from a reader of the caller. Whatever
// that reader does, even if it blocks forever, the call ends with its context.
type Content struct {
	// Type is the media type, for a transfer.
	Type string

	// Length is the length in bytes, or -1 if it is unknown.
	Length int64

	// Open returns the content from its start. It is called once for each
	// attempt, and never while an earlier reader is still in use.
	Open func() (io.ReadCloser, error)

	// Once says that Open works only once, so the request is never repeated.
	Once bool

	// InMemory says that a Read never blocks.
	InMemory bool

	mu     sync.Mutex
	inUse  chan struct{} // full while somebody reads the content
	failed error         // why the content could not be read
}

// Body returns an editor for a request whose body is content.
func Body(content *Content) Editor {
	return func(_ context.Context, req *http.Request) error {
		callOf(req.Context()).content = content
		return nil
	}
}

// contentError says that the caller's content could not be read. That has
// nothing to do with the network, so another attempt would not help.
type contentError struct{ cause error }

func (e *contentError) Error() string { return e.cause.Error() }
func (e *contentError) Unwrap() error { return e.cause }

// fail records why the content cannot be read. net/http often reports only the
// consequences.
func (c *Content) fail(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed = &contentError{err}
	return c.failed
}

// failure returns why the content could not be read, nil if it could.
func (c *Content) failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}

func (c *Content) use() chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inUse == nil {
		c.inUse = make(chan struct{}, 1)
	}
	return c.inUse
}

// open waits until no other reader of the content is in use, and opens it.
// Closing the reader admits the next one.
func (c *Content) open(ctx context.Context) (io.ReadCloser, error) {
	use := c.use()
	select {
	case use <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if ctx.Err() != nil { // closed before it began; see settle
		<-use
		return nil, context.Cause(ctx)
	}
	reader, err := c.Open()
	if err == nil && reader == nil {
		err = errors.New("open the content: there is neither a reader nor an error")
	}
	if err != nil {
		<-use
		return nil, c.fail(err)
	}
	return &openContent{ReadCloser: reader, content: c}, nil
}

// settleTime is how long the end of an attempt waits for a Read of the content
// that is in progress. Nearly every Read returns at once.
const settleTime = time.Second

// settle waits until the content is no longer read, so that the caller may use
// its reader again. It gives up when ctx ends or the Read blocks.
func (c *Content) settle(ctx context.Context) {
	timer := time.NewTimer(settleTime)
	defer timer.Stop()
	use := c.use()
	select {
	case use <- struct{}{}:
		<-use
	case <-ctx.Done():
	case <-timer.C:
	}
}

// body returns the content as the body of the attempt that ends with ctx.
func (c *Content) body(ctx context.Context) io.ReadCloser {
	switch {
	case c.Length == 0:
		return http.NoBody // net/http takes any other body of length 0 for one of unknown length
	case c.InMemory:
		return &memoryBody{ctx: ctx, content: c}
	}
	return newPumpedBody(ctx, c)
}

// contentBodies creates the bodies of one attempt. net/http asks for another one
// if a kept connection was closed before anything was written.
type contentBodies struct {
	ctx       context.Context
	content   *Content
	stopwatch *stopwatch
	copying   time.Duration

	mu     sync.Mutex
	latest io.ReadCloser // nil before the first
}

// attach makes the content the body of a request.
func (b *contentBodies) attach(req *http.Request) {
	req.ContentLength, req.Body, req.GetBody = b.content.Length, b.next(), nil
	if !b.content.Once {
		req.GetBody = func() (io.ReadCloser, error) { return b.next(), nil }
	}
}

func (b *contentBodies) next() io.ReadCloser {
	b.close()
	body := b.content.body(b.ctx)
	if body == http.NoBody {
		return body // as it is, for net/http to recognize it
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.latest = body
	return &movingBody{body, b.stopwatch, b.copying}
}

// close ends the latest body.
func (b *contentBodies) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.latest != nil {
		_ = b.latest.Close() // of what was only read
	}
}

// movingBody keeps an attempt from timing out as long as bytes of the body move.
type movingBody struct {
	io.ReadCloser
	stopwatch *stopwatch
	copying   time.Duration // how long the answer may take after the end
}

func (b *movingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.stopwatch.start(b.copying)
	} else {
		b.stopwatch.start(0)
	}
	return n, err
}

// openContent is a reader that ends in an error unless the content has the
// announced length.
type openContent struct {
	io.ReadCloser
	content *Content
	done    int64
}

func (o *openContent) Read(p []byte) (int, error) {
	n, err := o.ReadCloser.Read(p)
	if n < 0 || n > len(p) {
		return 0, o.content.fail(fmt.Errorf("the content's Read returned %d for a buffer of %d bytes", n, len(p)))
	}
	o.done += int64(n)
	length, ended := o.content.Length, errors.Is(err, io.EOF)
	switch {
	case err != nil && !ended:
		return n, o.content.fail(err)
	case length >= 0 && (o.done > length || ended && o.done < length):
		return n, o.content.fail(fmt.Errorf("the content does not have the announced size of %d bytes", length))
	}
	return n, err
}

func (o *openContent) Close() error {
	err := o.ReadCloser.Close()
	<-o.content.use()
	return err
}

// memoryBody is the body of an attempt whose content is in memory. Close waits
// for a Read in progress; nothing touches the content after that.
type memoryBody struct {
	ctx     context.Context
	content *Content

	mu     sync.Mutex
	source io.ReadCloser // nil before the first Read
	closed bool
}

func (b *memoryBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return 0, os.ErrClosed
	}
	if b.source == nil {
		var err error
		if b.source, err = b.content.open(b.ctx); err != nil {
			return 0, err
		}
	}
	return b.source.Read(p)
}

func (b *memoryBody) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || b.source == nil {
		b.closed = true
		return nil
	}
	b.closed = true
	return b.source.Close()
}

// pumpedBody is the body of an attempt whose content may block. A goroutine, the
// pump, does the reading, so neither Read nor Close waits for the content once
// the attempt is over. The pump ends with the Read that it is in then.
type pumpedBody struct {
	ctx     context.Context // ends with the attempt, or with Close
	cancel  context.CancelCauseFunc
	content *Content
	start   sync.Once

	free   chan []byte // buffers to fill, nil for one that is not allocated yet
	filled chan chunk  // closed by the pump

	chunk  chunk // that Read hands out
	offset int   // in the chunk
}

// chunk is what one Read of the content gave.
type chunk struct {
	buffer []byte
	n      int
	err    error
}

const (
	pumpBuffers    = 2        // one is sent while the other is filled
	pumpBufferSize = 64 << 10 // bytes
)

func newPumpedBody(ctx context.Context, content *Content) *pumpedBody {
	b := &pumpedBody{content: content, free: make(chan []byte, pumpBuffers), filled: make(chan chunk, pumpBuffers)}
	b.ctx, b.cancel = context.WithCancelCause(ctx)
	for range pumpBuffers {
		b.free <- nil
	}
	return b
}

func (b *pumpedBody) pump() {
	defer close(b.filled)
	source, err := b.content.open(b.ctx)
	if err != nil {
		b.filled <- chunk{err: err}
		return
	}
	defer func() { _ = source.Close() }() // has been read, or will not be
	for err == nil && b.ctx.Err() == nil {
		var buffer []byte
		select {
		case buffer = <-b.free:
		case <-b.ctx.Done():
			return
		}
		if buffer == nil {
			buffer = make([]byte, b.bufferSize())
		}
		var n int
		n, err = source.Read(buffer)
		b.filled <- chunk{buffer, n, err} // has room for all buffers
	}
}

// bufferSize is small for small files.
func (b *pumpedBody) bufferSize() int64 {
	if length := b.content.Length; length > 0 {
		return min(pumpBufferSize, length)
	}
	return pumpBufferSize
}

// Read implements [io.Reader].
func (b *pumpedBody) Read(p []byte) (int, error) {
	b.start.Do(func() { go b.pump() })
	for b.offset == b.chunk.n {
		if b.chunk.err != nil {
			return 0, b.chunk.err
		}
		if b.chunk.buffer != nil {
			b.free <- b.chunk.buffer // has room for all buffers
		}
		b.chunk, b.offset = chunk{}, 0
		select {
		case next, more := <-b.filled:
			if !more {
				return 0, context.Cause(b.ctx)
			}
			b.chunk = next
		case <-b.ctx.Done():
			return 0, context.Cause(b.ctx)
		}
	}
	n := copy(p, b.chunk.buffer[b.offset:b.chunk.n])
	b.offset += n
	return n, nil
}

// Close implements [io.Closer]. It waits for nothing.
func (b *pumpedBody) Close() error {
	b.cancel(os.ErrClosed)
	return nil
}
