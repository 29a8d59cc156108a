package rest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
)

// Operations of Wings, by signed URLs.
var (
	DownloadFile   = &Operation{"wingsDownloadFile", http.MethodGet, "/download/file", false}
	DownloadBackup = &Operation{"wingsDownloadBackup", http.MethodGet, "/download/backup", false}
	UploadFiles    = &Operation{"wingsUploadFiles", http.MethodPost, "/upload/file", false}
)

// Upload is the body of a request to a signed URL.
type Upload struct {
	Body        io.Reader
	ContentType string
	Length      int64 // -1 if unknown
}

// Transfer sends a request to a signed URL, once: the URL is used up by that. The
// key is not sent. The body of the answer may take any time, but each part of
// it comes within the client's timeout. A nil upload sends no body.
func (c *Core) Transfer(ctx context.Context, operation *Operation, signedURL string, upload *Upload) (*http.Response, error) {
	call := &call{core: c, operation: operation, timeout: c.config.Timeout, streams: true, attempts: 1}
	ctx = context.WithValue(ctx, callKey{}, call)
	var body io.Reader
	if upload != nil {
		body = upload.Body
	}
	req, err := http.NewRequestWithContext(ctx, operation.Method, signedURL, body)
	if err != nil {
		return nil, &Error{Operation: operation.ID, Problem: "the Panel gave a signed URL that cannot be parsed"}
	}
	if (req.URL.Scheme != "http" && req.URL.Scheme != "https") || req.URL.Host == "" {
		return nil, &Error{Operation: operation.ID, Problem: "the Panel gave a signed URL that is no http address"}
	}
	call.secrets = secretsOf(req.URL)
	req.Header.Set("User-Agent", c.config.UserAgent)
	if upload != nil {
		req.ContentLength = upload.Length
		req.Header.Set("Content-Type", upload.ContentType)
	}
	resp, err := c.send(req, call, call.describe())
	if err != nil {
		return nil, newTransportError(req, call, err)
	}
	return resp, nil
}

// Stream hands out the body of a success, which the caller must close, and its
// length, -1 if unknown. A body that breaks off ends in an [*Error].
func Stream(resp *http.Response, err error) (io.ReadCloser, int64, error) {
	if err != nil {
		return nil, 0, err
	}
	if resp.StatusCode/100 != 2 {
		defer func() { _ = resp.Body.Close() }()
		return nil, 0, failure(resp)
	}
	if isPage(resp) {
		defer func() { _ = resp.Body.Close() }()
		keepErrorBody(resp)
		body, _ := io.ReadAll(resp.Body) // comes from memory
		return nil, 0, badAnswer(resp, describe(resp, body), nil)
	}
	return &stream{resp: resp}, resp.ContentLength, nil
}

// stream is the body of a download.
type stream struct {
	resp *http.Response
	read int64
}

func (s *stream) Read(p []byte) (int, error) {
	n, err := s.resp.Body.Read(p)
	s.read += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		err = badAnswer(s.resp, brokeOff(s.read), err)
	}
	return n, err
}

func (s *stream) Close() error { return s.resp.Body.Close() }

// AddQuery adds a parameter to a signed URL.
func AddQuery(signedURL, name, value string) (string, error) {
	u, err := url.Parse(signedURL)
	if err != nil {
		return "", &Error{Operation: UploadFiles.ID, Problem: "the Panel gave a signed URL that cannot be parsed"}
	}
	// The rest of the query stays as it was signed.
	addition := url.Values{name: {value}}.Encode()
	if u.RawQuery != "" {
		addition = u.RawQuery + "&" + addition
	}
	u.RawQuery = addition
	return u.String(), nil
}
