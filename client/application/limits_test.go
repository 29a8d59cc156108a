package application_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/internal/recorded"
)

// A limit that was forgotten gives nothing away, and none is asked for in a word:
// so it is when a server is created and when its build is replaced.
func TestLimits(t *testing.T) {
	t.Parallel()
	const none = application.Unlimited
	all := application.ServerLimitsRequest{Memory: 512, Disk: 1024, CPU: 100}
	with := func(set func(*application.ServerLimitsRequest)) application.ServerLimitsRequest {
		limits := all
		set(&limits)
		return limits
	}
	type features = application.FeatureLimitsRequest
	for name, tt := range map[string]struct {
		limits   application.ServerLimitsRequest
		features features
		refused  string // the argument, "" for what is sent
		sent     string // limits and features
	}{
		"given": {
			application.ServerLimitsRequest{Memory: 512, Disk: 1024, CPU: 100, Swap: 64, IO: 10},
			features{Databases: 1, Backups: 2, Allocations: 3},
			"",
			`{"limits":{"memory":512,"disk":1024,"cpu":100,"swap":64,"io":10},"feature_limits":{"databases":1,"backups":2,"allocations":3}}`,
		},
		"left out": {
			all,
			features{},
			"",
			`{"limits":{"memory":512,"disk":1024,"cpu":100,"swap":0,"io":500},"feature_limits":{"databases":0,"backups":0,"allocations":0}}`,
		},
		"unlimited": {
			application.ServerLimitsRequest{Memory: none, Disk: none, CPU: none, Swap: none},
			features{Databases: none},
			"",
			`{"limits":{"memory":0,"disk":0,"cpu":0,"swap":-1,"io":500},"feature_limits":{"databases":null,"backups":0,"allocations":0}}`,
		},
		"nothing at all":        {application.ServerLimitsRequest{}, features{}, "Limits.Memory", ""},
		"no memory":             {with(func(l *application.ServerLimitsRequest) { l.Memory = 0 }), features{}, "Limits.Memory", ""},
		"no disk":               {with(func(l *application.ServerLimitsRequest) { l.Disk = 0 }), features{}, "Limits.Disk", ""},
		"no CPU":                {with(func(l *application.ServerLimitsRequest) { l.CPU = 0 }), features{}, "Limits.CPU", ""},
		"negative memory":       {with(func(l *application.ServerLimitsRequest) { l.Memory = -2 }), features{}, "Limits.Memory", ""},
		"negative disk":         {with(func(l *application.ServerLimitsRequest) { l.Disk = -512 }), features{}, "Limits.Disk", ""},
		"negative CPU":          {with(func(l *application.ServerLimitsRequest) { l.CPU = -2 }), features{}, "Limits.CPU", ""},
		"negative swap":         {with(func(l *application.ServerLimitsRequest) { l.Swap = -2 }), features{}, "Limits.Swap", ""},
		"negative IO":           {with(func(l *application.ServerLimitsRequest) { l.IO = -1 }), features{}, "Limits.IO", ""},
		"negative databases":    {all, features{Databases: -2}, "FeatureLimits.Databases", ""},
		"unlimited backups":     {all, features{Backups: none}, "FeatureLimits.Backups", ""},
		"unlimited allocations": {all, features{Allocations: none}, "FeatureLimits.Allocations", ""},
		"negative backups":      {all, features{Backups: -2}, "FeatureLimits.Backups", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, p := serve(t, map[string]http.HandlerFunc{
				"POST /api/application/servers":          replay(t, "081-app-servers-create"),
				"PATCH /api/application/servers/2/build": replay(t, "090-app-servers-build"),
			})
			build := application.UpdateServerBuildRequest{AllocationID: 2, FeatureLimits: tt.features, Limits: application.UpdateServerLimitsRequest{
				Memory: tt.limits.Memory, Disk: tt.limits.Disk, CPU: tt.limits.CPU, Swap: tt.limits.Swap, IO: tt.limits.IO,
			}}
			create := application.CreateServerRequest{EggID: 15, Limits: tt.limits, FeatureLimits: tt.features}
			for call, do := range map[string]func() error{
				"POST":  func() error { return errorOf(c.Servers.CreateExact(t.Context(), create)) },
				"PATCH": func() error { return errorOf(c.Servers.ReplaceBuild(t.Context(), 2, build)) },
			} {
				err := do()
				if tt.refused != "" {
					var e *client.ArgumentError
					if !errors.As(err, &e) || e.Argument != tt.refused || e.Operation == "" {
						t.Errorf("%s: err = %v, want an *ArgumentError about %s", call, err, tt.refused)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				var sent struct {
					Limits   json.RawMessage `json:"limits"`
					Features json.RawMessage `json:"feature_limits"`
				}
				if err := json.Unmarshal([]byte(p.sent(call)), &sent); err != nil {
					t.Fatal(err)
				}
				if got, err := json.Marshal(sent); err != nil || !recorded.SameJSON(got, []byte(tt.sent)) {
					t.Errorf("%s: sent %s, %v\nwant %s", call, got, err, tt.sent)
				}
			}
			// Create asks for the egg first, but not with what it will refuse.
			if tt.refused != "" {
				err := errorOf(c.Servers.Create(t.Context(), create))
				if !errors.Is(err, client.ErrArgument) || len(p.asked()) > 0 {
					t.Errorf("err = %v, asked %q", err, p.asked())
				}
			}
			if create.Limits != tt.limits {
				t.Errorf("the caller's request became %+v", create.Limits)
			}
		})
	}
}

// A server without limits keeps none when something else of its build changes.
func TestUpdateOfAnUnlimitedBuild(t *testing.T) {
	t.Parallel()
	body := recordedBody(t, "088-app-servers-details")
	attributes := in(t, body, "attributes")
	limits := in(t, attributes, "limits")
	limits["memory"], limits["disk"], limits["cpu"], limits["swap"] = 0, 0, 0, -1
	for _, allocations := range []any{nil, 0, 4} {
		attributes["feature_limits"] = object{"databases": nil, "allocations": allocations, "backups": 0}
		c, p := serve(t, map[string]http.HandlerFunc{
			"GET /api/application/servers/2": answer(t, body), "PATCH /api/application/servers/2/build": answer(t, body),
		})
		_, err := c.Servers.UpdateBuild(t.Context(), 2, func(req *application.UpdateServerBuildRequest) error {
			if req.Limits.Memory != application.Unlimited || req.FeatureLimits.Databases != application.Unlimited {
				t.Errorf("got %+v", req)
			}
			req.AddAllocations = []int{19}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		features := object{"databases": nil, "backups": 0}
		if allocations != nil {
			features["allocations"] = allocations // else left out, which leaves it null
		}
		want, err := json.Marshal(object{
			"allocation": attributes["allocation"], "oom_disabled": true, "add_allocations": []int{19}, "remove_allocations": []int{},
			"limits":         object{"memory": 0, "disk": 0, "cpu": 0, "swap": -1, "io": 500, "threads": nil},
			"feature_limits": features,
		})
		if sent := p.sent(http.MethodPatch); err != nil || !recorded.SameJSON([]byte(sent), want) {
			t.Errorf("sent %s, %v\nwant %s", sent, err, want)
		}
	}
}
