package recorded

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/ptero-go/ptero/envelope"
)

// Replay is a Panel that answers from recordings. A request gets the answer of
// the recording with the same method, path, query, kind of key and body; where
// several agree, they are served in their order and the last stays. Answers
// with status 429 depend on what went before rather than on the request, so
// they are served on demand alone, by [Replay.Next].
//
// A request without a recording gets status 501 and an error in the Panel's
// form that says what is missing.
//
// A Replay is safe for concurrent use.
type Replay struct {
	recordings []*Recording

	mu     sync.Mutex
	next   []*Recording
	served map[*Recording]int // how often
}

// NewReplay returns a Panel that answers from the recordings in fsys.
func NewReplay(fsys fs.FS) (*Replay, error) {
	recordings, err := Read(fsys)
	if err != nil {
		return nil, err
	}
	return &Replay{recordings: recordings, served: make(map[*Recording]int)}, nil
}

// Next makes the recording with the given name answer the next request to its
// method and path, whatever else that asks for. It returns an error if there is
// no such recording.
func (r *Replay) Next(name string) error {
	for _, recording := range r.recordings {
		if recording.Name == name {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.next = append(r.next, recording)
			return nil
		}
	}
	return fmt.Errorf("recorded: there is no recording %q", name)
}

// Key returns an API key that stands for a recorded one, such as "application"
// or "client_user". Other keys are taken by their prefix: ptla_ for
// "application", ptlc_ for "client_user".
func (r *Replay) Key(name string) string {
	prefix := "ptlc_"
	if strings.HasPrefix(name, "application") {
		prefix = "ptla_"
	}
	return prefix + "replay." + name
}

// keyName is the inverse of Key.
func keyName(authorization string) string {
	key := strings.TrimPrefix(authorization, "Bearer ")
	if _, name, ok := strings.Cut(key, "_replay."); ok {
		return name
	}
	switch {
	case strings.HasPrefix(key, "ptla_"):
		return "application"
	case strings.HasPrefix(key, "ptlc_"):
		return "client_user"
	}
	return ""
}

// ServeHTTP implements [http.Handler].
func (r *Replay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // the client is gone
	}
	recording, missing := r.find(req, body)
	if recording == nil {
		answer, err := json.Marshal(envelope.ErrorList{Errors: []envelope.ErrorEntry{{
			Code: "NoRecording", Status: "501", Detail: "There is no recording of " + missing + ".",
		}}})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotImplemented)
		_, _ = w.Write(answer) // the client may be gone
		return
	}
	recording.Response.write(w)
}

// find returns the recording to answer with, or what there is none of.
func (r *Replay) find(req *http.Request, body []byte) (recording *Recording, missing string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, recording := range r.next {
		if sameEndpoint(recording, req) {
			r.next = append(r.next[:i:i], r.next[i+1:]...)
			return recording, ""
		}
	}
	missing = req.Method + " " + req.URL.Path
	candidates := r.recordings
	for _, criterion := range []struct {
		name string
		same func(*Recording, *http.Request) bool
	}{
		{"", sameEndpoint},
		{" with the query " + req.URL.RawQuery, sameQuery},
		{" with the key " + keyName(req.Header.Get("Authorization")), sameKey},
		{" that accepts " + req.Header.Get("Accept"), sameAccept},
		{" with this body", func(r *Recording, _ *http.Request) bool { return r.Request.Body.Same(body) }},
	} {
		missing += criterion.name
		var agreeing []*Recording
		for _, candidate := range candidates {
			if criterion.same(candidate, req) && candidate.Response.Status != http.StatusTooManyRequests {
				agreeing = append(agreeing, candidate)
			}
		}
		if len(agreeing) == 0 {
			return nil, missing
		}
		candidates = agreeing
	}
	exact := slices.DeleteFunc(slices.Clone(candidates), func(r *Recording) bool { return !r.Request.Body.equal(body) })
	if len(exact) > 0 {
		candidates = exact
	}
	// In their order; the last stays.
	recording = candidates[len(candidates)-1]
	for _, candidate := range candidates {
		if r.served[candidate] == 0 {
			recording = candidate
			break
		}
	}
	r.served[recording]++
	return recording, ""
}

func sameEndpoint(r *Recording, req *http.Request) bool {
	return r.Request.Method == req.Method && r.Request.Path == req.URL.EscapedPath()
}

func sameQuery(r *Recording, req *http.Request) bool {
	recorded, err := url.ParseQuery(r.Request.Query)
	if err != nil {
		return false
	}
	asked := req.URL.Query()
	if asked.Get("page") == "1" && !recorded.Has("page") && r.isOnePage() {
		// A recorded list without pages is also its own first page.
		asked.Del("page")
		asked.Del("per_page")
		recorded.Del("per_page")
	}
	return reflect.DeepEqual(recorded, asked)
}

// isOnePage tells that the answer is a whole list.
func (r *Recording) isOnePage() bool {
	var list envelope.List[struct{}]
	return json.Unmarshal(r.Response.Body, &list) == nil && list.Meta != nil && list.Meta.Pagination.TotalPages == 1
}

func sameKey(r *Recording, req *http.Request) bool {
	return r.Request.Key == keyName(req.Header.Get("Authorization"))
}

func sameAccept(r *Recording, req *http.Request) bool {
	return strings.Contains(r.Request.Headers["Accept"], "json") == strings.Contains(req.Header.Get("Accept"), "json")
}
