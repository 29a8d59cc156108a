package paneltest

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path"
)

// maxPulls is how many pulls of one machine may be under way.
const maxPulls = 3

// filePull asks for the download of a remote file.
type filePull struct {
	Directory, URL string
	FileName       string // "" takes the one of the URL
	UseHeader      bool   // the answer names the file, if FileName does not
	Foreground     bool   // and the end is waited for
}

// pull downloads a remote file. In the background its errors are lost.
func (s *fileStore) pull(request filePull) error {
	select {
	case s.pulls <- struct{}{}:
	default:
		return errManyPulls
	}
	result := make(chan error, 1)
	if !s.daemon.spawn(func() {
		defer func() { <-s.pulls }()
		result <- s.download(request)
	}) {
		<-s.pulls
		return errUnexpected
	}
	if !request.Foreground {
		return nil
	}
	return fileError(<-result)
}

func (s *fileStore) download(request filePull) error {
	req, err := http.NewRequestWithContext(s.daemon.ctx, http.MethodGet, request.URL, http.NoBody)
	if err != nil {
		return err
	}
	transport := s.daemon.cfg.Transport
	if transport == nil {
		transport = &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}
	}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return errUnexpected
	}
	// Its size may not be known before its end.
	temporary, err := os.CreateTemp("", "paneltest-pull-")
	if err != nil {
		return err
	}
	defer func() { discard(temporary.Name()) }()
	defer func() { _ = temporary.Close() }()
	size, err := io.Copy(temporary, resp.Body)
	if err != nil {
		return err
	}
	if _, err := temporary.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return s.writeFrom(fileName(request.Directory, request.name(resp)), temporary, size)
}

// name returns the name of the file that comes with an answer.
func (p filePull) name(resp *http.Response) string {
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
