package files

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// maxPulls is how many pulls of one server may be under way.
const maxPulls = 3

// Pull downloads a remote file. In the background its errors are lost.
func (s *Store) Pull(request protocol.Pull) error {
	select {
	case s.pulls <- struct{}{}:
	default:
		return errManyPulls
	}
	result := make(chan error, 1)
	if !s.cfg.Spawn(func() {
		defer func() { <-s.pulls }()
		result <- s.download(request)
	}) {
		<-s.pulls
		return protocol.ErrUnexpected
	}
	if !request.Foreground {
		return nil
	}
	return answered(<-result)
}

func (s *Store) download(request protocol.Pull) error {
	req, err := http.NewRequestWithContext(s.cfg.Context, http.MethodGet, request.URL, http.NoBody)
	if err != nil {
		return err
	}
	transport := s.cfg.Transport
	if transport == nil {
		transport = &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}
	}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return protocol.ErrUnexpected
	}
	// Its size may not be known before its end.
	temporary, err := os.CreateTemp("", "paneltest-pull-")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	defer func() { _ = temporary.Close() }()
	size, err := io.Copy(temporary, resp.Body)
	if err != nil {
		return err
	}
	if _, err := temporary.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return s.writeFrom(cleanName(request.Directory, pulledName(request, resp)), temporary, size)
}

// pulledName returns the name of the file that comes with an answer.
func pulledName(p protocol.Pull, resp *http.Response) string {
	if p.FileName != "" {
		return p.FileName
	}
	if p.UseHeader {
		if _, params, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition")); err == nil && params["filename"] != "" {
			return path.Base(params["filename"])
		}
	}
	parsed, err := url.Parse(p.URL)
	if err != nil {
		return "download"
	}
	return path.Base(parsed.Path)
}
