package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"sync"

	"github.com/ptero-go/ptero/envelope"
	"github.com/ptero-go/ptero/internal/quickjson"
)

// The decoders take the results of a generated method as they are, so that a
// wrapper reads
//
//	return rest.Item[clientapi.Server](s.api.ClientGetServer(ctx, server, params))
//
// Each closes the body. An answer that is no success becomes an *Error.

// Item decodes one thing in its envelope.
func Item[T any](resp *http.Response, err error) (*T, error) {
	item, err := JSON[envelope.Item[T]](resp, err)
	if err != nil {
		return nil, err
	}
	return attributes(resp, item.Attributes)
}

// ItemWith decodes one thing and the metadata beside it.
func ItemWith[T, M any](resp *http.Response, err error) (*T, *M, error) {
	item, err := JSON[envelope.ItemWith[T, M]](resp, err)
	if err != nil {
		return nil, nil, err
	}
	thing, err := attributes(resp, item.Attributes)
	return thing, &item.Meta, err
}

// Data decodes the content of a bare data envelope.
func Data[T any](resp *http.Response, err error) (*T, error) {
	data, err := JSON[envelope.Data[T]](resp, err)
	if err != nil {
		return nil, err
	}
	if data.Data == nil {
		return nil, badAnswer(resp, `the answer has no "data"`, nil)
	}
	return data.Data, nil
}

func attributes[T any](resp *http.Response, thing *T) (*T, error) {
	if thing == nil {
		return nil, badAnswer(resp, `the answer has no "attributes"`, nil)
	}
	return thing, nil
}

// JSON decodes a whole body.
func JSON[T any](resp *http.Response, err error) (*T, error) {
	value := new(T)
	err = read(resp, err, func(body []byte) error {
		return decodeJSON(resp, body, reflect.TypeFor[T](), func() error { return quickjson.Unmarshal(body, value) })
	})
	if err != nil {
		return nil, err
	}
	return value, nil
}

// decodeJSON decodes a body into a value of type t, and explains what is wrong
// if that fails.
func decodeJSON(resp *http.Response, body []byte, t reflect.Type, decode func() error) error {
	if err := encoded(resp); err != nil {
		return err
	}
	err := decode()
	switch trimmed := bytes.TrimSpace(body); {
	case err == nil:
		return nil
	case !json.Valid(body) && (len(trimmed) == 0 || isHTML(resp, trimmed)):
		return garbledAnswer(resp, describe(resp, body), nil)
	case !json.Valid(body):
		return garbledAnswer(resp, "the answer is not valid JSON", err)
	}
	path, err := misfit(t, body, err)
	return badAnswer(resp, "the answer does not fit at "+path, err)
}

// None reads an answer without content: an empty body, or JSON that is empty,
// such as the empty list that PHP makes of nothing. Any other body may come from
// elsewhere, or answer another method. A DELETE that failed on the way and then
// finds nothing to delete has succeeded.
func None(resp *http.Response, err error) error {
	if err == nil && resp.StatusCode == http.StatusNotFound &&
		resp.Request.Method == http.MethodDelete && callOf(resp.Request.Context()).unsure {
		return resp.Body.Close()
	}
	if err == nil && load(resp).buffer.Len() == 0 {
		load(resp).err = nil // there was nothing to break off
	}
	return read(resp, err, func(body []byte) error {
		switch string(bytes.TrimSpace(body)) {
		case "", "[]", "{}", "null", `""`, "true":
			return nil
		}
		return badAnswer(resp, describe(resp, body)+"; no content was expected", nil)
	})
}

// Text reads a whole body as text.
func Text(resp *http.Response, err error) (string, error) {
	text := ""
	err = read(resp, err, func(body []byte) error {
		if isPage(resp) {
			return badAnswer(resp, describe(resp, body), nil)
		}
		text = string(body)
		return notWhole(resp)
	})
	return text, err
}

// isPage reports whether an answer that was to be a file is a page of a login or
// a proxy: the Panel sends no file as HTML.
func isPage(resp *http.Response) bool { return isHTML(resp, nil) }

// buffers holds the buffers that bodies are read into; decoding copies what it
// keeps.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxPooledBuffer bounds the buffers that are kept, in bytes, so that one long
// list does not hold its memory forever.
const maxPooledBuffer = 1 << 20

// loadedBody is the body of an answer that has been read. Closing it gives the
// buffer back.
type loadedBody struct {
	buffer *bytes.Buffer
	err    error // what broke it off, nil if it is whole
	offset int
}

// load reads the body of an answer, or its beginning if it is a failure, and
// ends the attempt.
func load(resp *http.Response) *loadedBody {
	if loaded, ok := resp.Body.(*loadedBody); ok {
		return loaded
	}
	loaded := &loadedBody{buffer: buffers.Get().(*bytes.Buffer)} //nolint:forcetypeassert // the pool holds nothing else
	if length := resp.ContentLength; 0 < length && length <= maxPooledBuffer {
		loaded.buffer.Grow(int(length) + bytes.MinRead) // which ReadFrom wants to have left at the end
	}
	var body io.Reader = resp.Body
	if resp.StatusCode/100 != 2 {
		body = io.LimitReader(body, maxErrorBody)
	}
	_, loaded.err = loaded.buffer.ReadFrom(body)
	_ = resp.Body.Close()
	resp.Body = loaded
	return loaded
}

// brokenBody returns what broke off the body of an answer, nil if it is whole.
func brokenBody(resp *http.Response) error { return load(resp).err }

// Read implements [io.Reader].
func (b *loadedBody) Read(p []byte) (int, error) {
	var content []byte
	if b.buffer != nil {
		content = b.buffer.Bytes()
	}
	if b.offset == len(content) {
		if b.err != nil {
			return 0, b.err
		}
		return 0, io.EOF
	}
	n := copy(p, content[b.offset:])
	b.offset += n
	return n, nil
}

// Close implements [io.Closer].
func (b *loadedBody) Close() error {
	if b.buffer != nil && b.buffer.Cap() <= maxPooledBuffer {
		b.buffer.Reset()
		buffers.Put(b.buffer)
	}
	b.buffer, b.offset = nil, 0
	return nil
}

// read passes the body of a success to use and closes it.
func read(resp *http.Response, err error, use func(body []byte) error) error {
	if err != nil {
		return err
	}
	loaded := load(resp)
	defer func() { _ = loaded.Close() }()
	switch {
	case resp.StatusCode/100 != 2:
		return failure(resp)
	case loaded.err != nil:
		return garbledAnswer(resp, brokeOff(int64(loaded.buffer.Len())), loaded.err)
	}
	return use(loaded.buffer.Bytes())
}

func brokeOff(after int64) string { return fmt.Sprintf("the answer broke off after %d bytes", after) }
