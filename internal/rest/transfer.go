package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Operations of Wings, by signed URLs.
var (
	DownloadFile   = &Operation{ID: "wingsDownloadFile", Method: http.MethodGet, Path: "/download/file"}
	DownloadBackup = &Operation{ID: "wingsDownloadBackup", Method: http.MethodGet, Path: "/download/backup"}
	UploadFiles    = &Operation{ID: "wingsUploadFiles", Method: http.MethodPost, Path: "/upload/file"}
)

// copyTime is how long Wings may take to answer after it has received an upload,
// which it copies first.
const copyTime = 15 * time.Minute

// Transfer sends a request to a signed URL, once, as the URL is used up by that.
// The key is not sent. The body of the answer may take any time, but each part
// of it must arrive within the client's timeout. A nil content sends no body.
func (c *Core) Transfer(ctx context.Context, operation *Operation, signedURL string, content *Content) (*http.Response, error) {
	call := &call{
		core: c, operation: operation, timeout: c.config.Timeout, streams: true, attempts: 1,
		content: content, copying: copyTime,
	}
	ctx = context.WithValue(ctx, callKey{}, call)
	req, err := http.NewRequestWithContext(ctx, operation.Method, signedURL, nil)
	if err != nil {
		return nil, &Error{Operation: operation.ID, Problem: "the Panel gave a signed URL that cannot be parsed"}
	}
	if (req.URL.Scheme != "http" && req.URL.Scheme != "https") || req.URL.Host == "" {
		return nil, &Error{Operation: operation.ID, Problem: "the Panel gave a signed URL that is not an HTTP address"}
	}
	call.secrets = secretsOf(req.URL)
	req.Header.Set("User-Agent", c.config.UserAgent)
	// A file comes as it is: compressed on the way, its length would not be known.
	req.Header.Set("Accept-Encoding", "identity")
	if content != nil {
		req.Header.Set("Content-Type", content.Type)
	}
	resp, err := c.send(req, call, call.describe())
	if err != nil {
		return nil, newTransportError(req, call, err)
	}
	return resp, nil
}

// Stream returns the body of a success, which the caller must close, and its
// length, or -1 if that is unknown. A body that is cut short ends in an
// [*Error].
func Stream(resp *http.Response, err error) (io.ReadCloser, int64, error) {
	if err != nil {
		return nil, 0, err
	}
	if err := streamable(resp); err != nil {
		_ = resp.Body.Close()
		return nil, 0, err
	}
	return &stream{resp: resp}, resp.ContentLength, nil
}

// streamable refuses an answer that is not a complete, unmodified file.
func streamable(resp *http.Response) error {
	switch {
	case resp.StatusCode/100 != 2:
		return failure(resp)
	case isPage(resp):
		return badAnswer(resp, describe(resp, load(resp).buffer.Bytes()), nil)
	}
	if err := notWhole(resp); err != nil {
		return err
	}
	if resp.ContentLength < 0 && len(resp.TransferEncoding) == 0 && resp.ProtoMajor == 1 && resp.TLS == nil {
		return badAnswer(resp, "the answer ends with its connection, so that a broken one could not be told from its end", nil)
	}
	return nil
}

// notWhole refuses a success that is not, or may not be, the complete content.
func notWhole(resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		return badAnswer(resp, "the content should come with status 200", nil)
	}
	return encoded(resp)
}

// encoded refuses an answer that is still compressed: net/http undoes only gzip,
// and only where it asked for it.
func encoded(resp *http.Response) error {
	encoding := resp.Header.Get("Content-Encoding")
	if encoding == "" || strings.EqualFold(encoding, "identity") {
		return nil
	}
	return badAnswer(resp, fmt.Sprintf("the answer is encoded as %q, which was not asked for", encoding), nil)
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
