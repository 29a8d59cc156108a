// Package site serves the project's site from within panelsim: the reference of
// the Panel's API, with requests that can be tried on the Panel at hand, that of
// the console, and the guides.
//
// The folder files holds the built site, each file compressed. `make site` writes
// it, and .ci/run checks that it is current.
package site

import (
	"compress/gzip"
	"embed"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
)

// Try is what the reference needs to know of the Panel that it sends requests to,
// which is where the site comes from.
type Try struct {
	// Contract is the file of the contract that the Panel plays, such as
	// "ptero.openapi.json". Requests can be tried on that one's page.
	Contract string `json:"contract"`

	Node string `json:"node"` // the address of the Panel's first node, empty for none

	// The keys that are filled in, empty for none.
	ClientKey      string `json:"clientKey"`
	ApplicationKey string `json:"applicationKey"`

	// Examples are values for path parameters that lead somewhere on this Panel,
	// by the names that the parameters have among the contract's components.
	Examples map[string]any `json:"examples"`
}

// prefix is where the site is served.
const prefix = "/docs/"

//go:embed files
var files embed.FS

// Handler serves the site at /docs/, and leaves every other request to next. It
// calls try for each visitor, from several goroutines at once.
func Handler(try func() Try, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, below := strings.CutPrefix(r.URL.Path, prefix)
		switch {
		case r.URL.Path+"/" == prefix:
			http.Redirect(w, r, prefix, http.StatusMovedPermanently)
		case !below:
			next.ServeHTTP(w, r)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "The site can only be read.", http.StatusMethodNotAllowed)
		case name == "try.json":
			t := try()
			secure(w.Header(), t.Node)
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(t) //nolint:gosec // the keys are for whoever sees the page; the browser may be gone
		default:
			secure(w.Header(), try().Node)
			serve(w, r, name)
		}
	})
}

// serve answers with a file of the site.
func serve(w http.ResponseWriter, r *http.Request, name string) {
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	status := http.StatusOK
	file, err := files.Open("files/" + name + ".gz")
	if err != nil {
		status, name = http.StatusNotFound, "404.html"
		if file, err = files.Open("files/" + name + ".gz"); err != nil {
			http.NotFound(w, r)
			return
		}
	}
	defer file.Close() //nolint:errcheck // it is in memory
	w.Header().Set("Content-Type", contentType(name))
	w.Header().Set("Vary", "Accept-Encoding")
	var content io.Reader = file
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
	} else if content, err = gzip.NewReader(file); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = io.Copy(w, content) //nolint:gosec // a file of this program; the browser may be gone
	}
}

// contentType returns that of a file, whatever the system knows of its ending.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".yaml", ".txt":
		return "text/plain; charset=utf-8"
	}
	return mime.TypeByExtension(path.Ext(name))
}

// secure lets the pages use nothing but themselves, the Panel and its node. The
// renderer of the reference writes styles as it goes.
func secure(header http.Header, node string) {
	header.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "+
		"font-src 'self' data:; connect-src 'self' "+node+"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-cache")
}
