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
		err := quickjson.Unmarshal(body, value)
		switch trimmed := bytes.TrimSpace(body); {
		case err == nil:
			return nil
		case !json.Valid(body) && (len(trimmed) == 0 || isHTML(resp, trimmed)):
			return badAnswer(resp, describe(resp, body), nil)
		case !json.Valid(body):
			return badAnswer(resp, "the answer is no valid JSON", err)
		}
		path, err := misfit(reflect.TypeFor[T](), body, err)
		return badAnswer(resp, "the answer does not fit at "+path, err)
	})
	if err != nil {
		return nil, err
	}
	return value, nil
}

// None reads an answer that has no content: an empty body, or the empty list
// that PHP makes of nothing. A DELETE that failed on the way and then finds
// nothing to delete has succeeded.
func None(resp *http.Response, err error) error {
	if err == nil && resp.StatusCode == http.StatusNotFound &&
		resp.Request.Method == http.MethodDelete && callOf(resp.Request.Context()).failed {
		return resp.Body.Close()
	}
	return read(resp, err, func(body []byte) error {
		if body = bytes.TrimSpace(body); len(body) == 0 || string(body) == "[]" {
			return nil
		}
		return badAnswer(resp, describe(resp, body)+", where nothing was to come", nil)
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
		return nil
	})
	return text, err
}

// isPage tells whether an answer that was to be a file is a page, of a login or
// a proxy: the Panel sends no file as HTML.
func isPage(resp *http.Response) bool { return isHTML(resp, nil) }

// buffers holds what bodies are read into; decoding copies what it keeps.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxPooledBuffer bounds the buffers that are kept, in bytes: one long list
// should not hold its memory for ever.
const maxPooledBuffer = 1 << 20

// read hands the body of a success to use and closes it.
func read(resp *http.Response, err error, use func(body []byte) error) error {
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode/100 != 2 {
		return failure(resp)
	}
	buffer := buffers.Get().(*bytes.Buffer) //nolint:forcetypeassert // the pool holds nothing else
	defer func() {
		if buffer.Cap() <= maxPooledBuffer {
			buffer.Reset()
			buffers.Put(buffer)
		}
	}()
	if length := resp.ContentLength; 0 < length && length <= maxPooledBuffer {
		buffer.Grow(int(length) + bytes.MinRead) // which ReadFrom wants to have left at the end
	}
	if _, err := io.Copy(buffer, resp.Body); err != nil {
		return badAnswer(resp, brokeOff(int64(buffer.Len())), err)
	}
	return use(buffer.Bytes())
}

func brokeOff(after int64) string { return fmt.Sprintf("the answer broke off after %d bytes", after) }
