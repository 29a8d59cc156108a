package rest_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/internal/rest"
)

// Whatever the Panel gives for a signed URL, either nothing is sent and the error
// does not show it, or the request goes where it says, as it was signed, and
// without the key.
func FuzzSignedURL(f *testing.F) {
	for _, seed := range []string{
		"https://node.example.org:8080/download/file?token=hush.hush.hush", "http://[::1]:8080/upload/file?token=a%2Bb+c&x=/", "",
		"//node/upload?token=hush", "file:///etc/passwd", "https://user:hush@node/?token=hush", "https://node/%zz?token=hush",
		"https://node:port/?token=hush", "HTTPS://NODE/?token=hush#fragment", "https://node/?", "https://node?token=hush;x", "http://node:?token=hush",
		"https://node/upload/file?token=hush\x00", "https://node/a b?token=hush hush", "http://node\r\nHost: evil/?token=hush",
	} {
		f.Add(seed, "/plugins")
		f.Add(seed, "a b&token=x#\n/é")
	}
	f.Fuzz(func(t *testing.T, signed, directory string) {
		sent := 0
		core := fuzzedCore(t, func(req *http.Request) (*http.Response, error) {
			sent++
			if got := fmt.Sprint(req.Header); strings.Contains(got, fuzzKey) {
				t.Errorf("the key was sent: %s", got)
			}
			want, err := url.Parse(signed)
			if err != nil || req.URL.Host != strings.TrimSuffix(want.Host, ":") || !strings.EqualFold(req.URL.Scheme, want.Scheme) {
				t.Errorf("%q led to %s", signed, req.URL)
				return answered(200, nil, nil)(req)
			}
			if !strings.HasPrefix(req.URL.RawQuery, want.RawQuery) || req.URL.Path != want.Path {
				t.Errorf("%q became %s", signed, req.URL)
			}
			addition := strings.TrimPrefix(strings.TrimPrefix(req.URL.RawQuery, want.RawQuery), "&")
			if values, err := url.ParseQuery(addition); err != nil || len(values) != 1 || values.Get("directory") != directory {
				t.Errorf("the directory %q became %q", directory, addition)
			}
			return nil, errors.New("broken")
		})
		target, err := rest.AddQuery(signed, "directory", directory)
		if err == nil {
			err = rest.None(core.Transfer(t.Context(), rest.UploadFiles, target, nil))
		}
		var e *rest.Error
		if !errors.As(err, &e) {
			t.Fatalf("%T %v", err, err)
		}
		// What comes before the query, such as the host, may be told.
		if _, query, found := strings.Cut(signed, "?"); found && len(query) > 15 && strings.Contains(err.Error(), query) {
			t.Errorf("the signed URL is in %v", err)
		}
		if sent > 1 {
			t.Errorf("sent %d times", sent)
		}
	})
}
