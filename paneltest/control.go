package paneltest

import (
	"encoding/json"
	"io"
	"net/http"
)

// controlPath is where [WithControl] listens.
const controlPath = "/control/"

// controlOrder is what a control request asks for.
type controlOrder struct {
	Operation   string   `json:"operation"`
	Times       int      `json:"times"`
	Faults      []Fault  `json:"faults"`
	Node        int      `json:"node"`
	Server      string   `json:"server"`
	Lines       []string `json:"lines"`
	Client      int      `json:"client"`
	Application int      `json:"application"`
}

// controls are what the control method can do.
var controls = []struct {
	path, body string
	do         func(*Panel, controlOrder) error
}{
	{"fail", `{"operation":"clientGetServer","times":3,"faults":["502"]}`, func(p *Panel, o controlOrder) error {
		return p.Fail(o.Operation, max(o.Times, 1), o.Faults...)
	}},
	{"rate-limits", `{"client":10,"application":10}`, func(p *Panel, o controlOrder) error { return p.SetRateLimits(o.Client, o.Application) }},
	{"expire-tokens", "", func(p *Panel, _ controlOrder) error { p.ExpireTokens(); return nil }},
	{"revoke-tokens", "", func(p *Panel, _ controlOrder) error { p.RevokeTokens(); return nil }},
	{"drop-sockets", "", func(p *Panel, _ controlOrder) error { p.DropSockets(); return nil }},
	{"restart-wings", "", func(p *Panel, _ controlOrder) error { p.RestartWings(); return nil }},
	{"stop-node", `{"node":1}`, func(p *Panel, o controlOrder) error { return p.StopNode(o.Node) }},
	{"start-node", `{"node":1}`, func(p *Panel, o controlOrder) error { return p.StartNode(o.Node) }},
	{"suspend", `{"server":"1a2b3c4d"}`, func(p *Panel, o controlOrder) error { return p.Suspend(o.Server) }},
	{"unsuspend", `{"server":"1a2b3c4d"}`, func(p *Panel, o controlOrder) error { return p.Unsuspend(o.Server) }},
	{"crash", `{"server":"1a2b3c4d"}`, func(p *Panel, o controlOrder) error { return p.Crash(o.Server) }},
	{"print", `{"server":"1a2b3c4d","lines":["hello"]}`, func(p *Panel, o controlOrder) error { return p.Print(o.Server, o.Lines...) }},
}

// controlHandler serves the control method: POST /control/NAME with a JSON
// document, answered with 204 or with 400 and the reason. GET /control/ lists
// the names.
func (p *Panel) controlHandler() http.Handler {
	mux := http.NewServeMux()
	for _, control := range controls {
		mux.HandleFunc("POST "+controlPath+control.path, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxControlBody))
			var order controlOrder
			if err == nil && len(body) > 0 {
				err = json.Unmarshal(body, &order)
			}
			if err == nil {
				err = control.do(p, order)
			}
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			w.WriteHeader(http.StatusNoContent)
		})
	}
	mux.HandleFunc("GET "+controlPath+"{$}", func(w http.ResponseWriter, _ *http.Request) {
		for _, control := range controls {
			_, _ = io.WriteString(w, "POST "+controlPath+control.path+" "+control.body+"\n") // the client may be gone
		}
	})
	return mux
}

// maxControlBody bounds the document of a control request.
const maxControlBody = 1 << 20
