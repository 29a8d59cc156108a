package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
)

// Request sends a request to any path of the Panel's API, such as one of an
// add-on, with the key, limiter, retries and errors of other calls. A body that
// is not nil is sent as JSON, and the answer is decoded into the value that
// answer points to; nil accepts any success.
//
// The path begins with /api/ and may include a query. If it belongs to an
// operation of the contract, that says whether the request may be sent twice;
// otherwise only a GET may.
func (c *Core) Request(ctx context.Context, method, path string, body, answer any) error {
	operation := &Operation{ID: "do", Method: method}
	refuse := func(argument, problem string) error {
		return &ArgumentError{Operation: operation.ID, Argument: argument, Problem: problem}
	}
	if method == "" {
		return refuse("method", "is empty")
	}
	if problem := requestPathProblem(path); problem != "" {
		return refuse("path", problem)
	}
	if answer != nil {
		switch v := reflect.ValueOf(answer); {
		case v.Kind() != reflect.Pointer:
			return refuse("answer", fmt.Sprintf("is a %T, but must be a pointer or nil", answer))
		case v.IsNil():
			return refuse("answer", fmt.Sprintf("is a nil %T", answer))
		}
	}
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return refuse("body", "cannot be encoded as JSON: "+err.Error())
		}
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.Server()+strings.TrimPrefix(path, "/"), content)
	if err != nil {
		return refuse("method", fmt.Sprintf("is %q, which is not a method", method))
	}
	if content != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if err := c.Edit(ctx, req); err != nil {
		return err
	}
	if call := callOf(req.Context()); call.operation == nil {
		api, _, _ := strings.Cut(strings.TrimPrefix(path, "/api/"), "/")
		operation.Path = "/api/" + api + "/*"
		operation.Repeatable = method == http.MethodGet
		call.operation, call.unlisted = operation, true
	}
	return into(answer)(c.Do(req))
}

// requestPathProblem returns what keeps a path from being one of the Panel's API
// that leads where it says.
func requestPathProblem(path string) string {
	u, err := url.Parse(path)
	switch {
	case !strings.HasPrefix(path, "/api/"):
		return fmt.Sprintf("is %q, but must begin with /api/", path)
	case err != nil:
		return fmt.Sprintf("is %q, which is not a path", path)
	case u.Fragment != "" || strings.HasSuffix(path, "#"):
		return fmt.Sprintf("is %q, but must not hold a fragment", path)
	}
	for _, segment := range strings.Split(u.EscapedPath(), "/")[1:] {
		decoded, err := url.PathUnescape(segment)
		if err != nil || decoded == "" || decoded == "." || decoded == ".." || strings.ContainsFunc(decoded, isUnprintable) {
			return fmt.Sprintf("is %q, of which the part %q is missing or leads elsewhere", path, segment)
		}
	}
	return ""
}

// into decodes an answer into what a pointer points to, nil to leave it.
func into(answer any) func(*http.Response, error) error {
	return func(resp *http.Response, err error) error {
		return read(resp, err, func(body []byte) error {
			if answer == nil {
				if isHTML(resp, bytes.TrimSpace(body)) {
					return badAnswer(resp, describe(resp, body), nil)
				}
				return nil
			}
			return decodeJSON(resp, body, reflect.TypeOf(answer).Elem(), func() error { return json.Unmarshal(body, answer) })
		})
	}
}
