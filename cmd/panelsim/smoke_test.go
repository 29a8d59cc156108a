package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"regexp"
	"testing"
	"time"
)

const (
	smokeFolder = "smoke"

	// Both are far more than is needed: nothing may hang.
	installLimit = 5 * time.Minute
	smokeLimit   = 3 * time.Minute
)

// Clients of the Panel that others wrote make their main calls. What is needed
// for that is in the folder smoke.
func TestOtherPeoplesClients(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(smokeFolder + "/node_modules"); err != nil {
		if os.Getenv("PTERO_SMOKE") != "1" {
			t.Skip("LEFT OUT: the clients in JavaScript are not installed. PTERO_SMOKE=1 installs them; it needs Node and npm.")
		}
		command(t, installLimit, nil, "npm", "ci")
	}
	for _, client := range []string{"pterojs", "nodeactyl"} {
		t.Run(client, func(t *testing.T) {
			t.Parallel()
			p := start(t, "-version", "1.12", "-rate-limits", "off")
			command(t, smokeLimit, []string{
				"PANEL_URL=" + p.url, "PANEL_USER_KEY=" + p.key("user"), "PANEL_APPLICATION_KEY=" + p.key("application"),
			}, "node", "--test", "--test-reporter=tap", client+".test.mjs")
			if err := p.end(); err != nil {
				t.Error(err)
			}
		})
	}
}

// key returns a key by the name under which it is printed.
func (p *program) key(name string) string {
	p.t.Helper()
	found := regexp.MustCompile(`(?m)^  ` + name + ` +(ptl[ac]_\w+)$`).FindStringSubmatch(p.intro)
	if found == nil {
		p.t.Fatalf("it prints no key of %s: %s", name, p.intro)
	}
	return found[1]
}

// command runs a program in the folder of the clients, for a limited time.
func command(t *testing.T, limit time.Duration, environment []string, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = smokeFolder, append(os.Environ(), environment...), 5*time.Second
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, output.String())
	}
}
