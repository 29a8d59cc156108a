package paneltest

import (
	"encoding/json"
	"io"
	"net/http"
	"time"
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
	Nodes       []int    `json:"nodes"`
	For         string   `json:"for"`
	After       int      `json:"after"`
	Client      int      `json:"client"`
	Application int      `json:"application"`
}

// lasting does something that takes a time.
func (o *controlOrder) lasting(do func(d time.Duration, nodes ...int) error) error {
	d, err := time.ParseDuration(o.For)
	if err != nil {
		return err
	}
	return do(d, o.Nodes...)
}

// controls are what the control method can do. A server is named as in
// [Panel.Server].
var controls = []struct {
	path, body string
	do         func(*Panel, controlOrder) error
}{
	{"fail", `{"operation":"clientGetServer","times":3,"faults":["502"]}`, func(p *Panel, o controlOrder) error {
		return p.Fail(o.Operation, max(o.Times, 1), o.Faults...)
	}},
	{"clear-faults", "", func(p *Panel, _ controlOrder) error { p.ClearFaults(); return nil }},
	{"rate-limits", `{"client":10,"application":10}`, func(p *Panel, o controlOrder) error { return p.SetRateLimits(o.Client, o.Application) }},
	{"expire-tokens", "", func(p *Panel, _ controlOrder) error { p.ExpireTokens(); return nil }},
	{"revoke-tokens", "", func(p *Panel, _ controlOrder) error { p.RevokeTokens(); return nil }},
	{"drop-sockets", "", func(p *Panel, _ controlOrder) error { p.DropSockets(); return nil }},
	{"restart-wings", `{"for":"226ms"}`, func(p *Panel, o controlOrder) error {
		if o.For == "" {
			p.RestartWings()
			return nil
		}
		return o.lasting(func(d time.Duration, _ ...int) error { return p.RestartWingsAfter(d) })
	}},
	{"black-hole", `{"for":"30s","nodes":[1]}`, func(p *Panel, o controlOrder) error { return o.lasting(p.BlackHole) }},
	{"freeze", `{"for":"5s","nodes":[1]}`, func(p *Panel, o controlOrder) error { return o.lasting(p.Freeze) }},
	{"refuse-dials", `{"for":"5s","nodes":[1]}`, func(p *Panel, o controlOrder) error { return o.lasting(p.RefuseDials) }},
	{"cut-sockets", `{"after":1000,"nodes":[1]}`, func(p *Panel, o controlOrder) error { return p.CutSockets(o.After, o.Nodes...) }},
	{"stop-node", `{"node":1}`, func(p *Panel, o controlOrder) error { return p.StopNode(o.Node) }},
	{"start-node", `{"node":1}`, func(p *Panel, o controlOrder) error { return p.StartNode(o.Node) }},
	{"suspend", `{"server":"lobby"}`, func(p *Panel, o controlOrder) error { return p.Suspend(o.Server) }},
	{"unsuspend", `{"server":"lobby"}`, func(p *Panel, o controlOrder) error { return p.Unsuspend(o.Server) }},
	{"transfer", `{"server":"lobby","node":2}`, func(p *Panel, o controlOrder) error { return p.Transfer(o.Server, o.Node) }},
	{"crash", `{"server":"lobby"}`, func(p *Panel, o controlOrder) error { return p.Crash(o.Server) }},
	{"print", `{"server":"lobby","lines":["hello"]}`, func(p *Panel, o controlOrder) error { return p.Print(o.Server, o.Lines...) }},
}

// reports are what the control method tells.
var reports = []struct {
	path, query string
	tell        func(p *Panel, server string) (any, error)
}{
	{"requests", "", func(p *Panel, _ string) (any, error) { return p.Requests(), nil }},
	{"commands", "?server=lobby", func(p *Panel, server string) (any, error) { return p.Commands(server) }},
	{"lines", "?server=lobby", func(p *Panel, server string) (any, error) {
		lines, printed, err := p.Lines(server)
		return struct {
			Lines   []string `json:"lines"`
			Printed int      `json:"printed"`
		}{lines, printed}, err
	}},
	{"server", "?server=lobby", func(p *Panel, server string) (any, error) { return p.Server(server) }},
	{"faults", "", func(p *Panel, _ string) (any, error) { return p.Faults(), nil }},
}

// controlHandler serves the control method: POST /control/NAME with a JSON
// document, answered with 204, and GET /control/NAME, answered with one. What is
// refused gets 400 and the reason. GET /control/ lists all of them.
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
	for _, report := range reports {
		mux.HandleFunc("GET "+controlPath+report.path, func(w http.ResponseWriter, r *http.Request) {
			document, err := report.tell(p, r.URL.Query().Get("server"))
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(document) // the client may be gone
		})
	}
	mux.HandleFunc("GET "+controlPath+"{$}", func(w http.ResponseWriter, _ *http.Request) {
		for _, control := range controls {
			_, _ = io.WriteString(w, "POST "+controlPath+control.path+" "+control.body+"\n") // the client may be gone
		}
		for _, report := range reports {
			_, _ = io.WriteString(w, "GET "+controlPath+report.path+report.query+"\n") // see above
		}
	})
	return mux
}

// maxControlBody bounds the document of a control request.
const maxControlBody = 1 << 20
