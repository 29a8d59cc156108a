package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), &out, "", ""); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"Name": "clientGetAccount"`, `"Name": "clientListServers"`, `"Value": "/api/client/account"`,
		"pterodactyl.requests operation=clientGetAccount,status=200 1",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "ptlc_") {
		t.Error("the key was printed")
	}
}
