package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestTour(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := tour(t.Context(), &out, "", ""); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{
		"  52f3a19b  suspended   suspended     512 MiB  1024 MiB   100 %      127.0.0.1:25505\n",
		"  80d59215  dead-user   node is down  ",
		"up for   1 minute 5 seconds",
		"memory   4.8 MiB of 512 MiB",
		`field "name", rule "required": The name field is required.`,
		"got the account of Norm User after 1.",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestTourFailsInOneLine(t *testing.T) {
	t.Parallel()
	panel := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(panel.Close)
	for _, tt := range []struct{ url, key, want string }{
		{"panel.example.org", "ptlc_x", "must begin with https://"},
		{"https://panel.example.org", "", "the API key is empty"},
		{"", "ptlc_x", "the Panel's URL is empty"},
		{panel.URL, "ptla_x", "is an application key"},
		{panel.URL, "ptlc_x", "check the API key"},
	} {
		var out bytes.Buffer
		err := tour(t.Context(), &out, tt.url, tt.key)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") || out.Len() > 0 {
			t.Errorf("%s %s: err = %v, want %q in one line; printed %q", tt.url, tt.key, err, tt.want, out.String())
		}
	}
}

func TestInWords(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0:                            "less than a second",
		999 * time.Millisecond:       "less than a second",
		time.Second:                  "1 second",
		65 * time.Second:             "1 minute 5 seconds",
		time.Hour + time.Second:      "1 hour 1 second",
		50*time.Hour + 3*time.Minute: "2 days 2 hours",
		49 * 24 * time.Hour:          "49 days",
	} {
		if got := inWords(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}
