package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/envelope"
)

// call sends a request that the SDK has no method for.
//
// It is not retried, and waits for no limiter.
func (a *app) call(ctx context.Context, method, path string, body any) ([]byte, error) {
	s, err := a.open()
	if err != nil {
		return nil, err
	}
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		reader = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(s.url, "/")+path, reader)
	if err != nil {
		return nil, err
	}
	key := s.client
	if strings.HasPrefix(path, "/api/application") && s.application != "" {
		key = s.application
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "ptero/"+version())
	hc := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := hc.Do(req)
	if err != nil {
		return nil, &failure{err: err, hint: "Check the address and the network with: ptero doctor"}
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		e := &client.Error{Operation: "api", Method: method, Path: path, StatusCode: resp.StatusCode, Attempts: 1}
		var panel envelope.ErrorList
		if json.Unmarshal(text, &panel) == nil {
			e.Entries = panel.Errors
		}
		return nil, e
	}
	return text, err
}
