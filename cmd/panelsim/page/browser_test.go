package page_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// browserLimit bounds all that a test does with a browser: nothing may hang.
const browserLimit = 2 * time.Minute

// browser is a page of a headless Chromium, driven by its DevTools protocol.
type browser struct {
	t       *testing.T
	ctx     context.Context
	conn    *websocket.Conn
	session string
	sent    int
}

// startBrowser starts a Chromium with one page. Without one the test is skipped,
// or fails where PTERO_BROWSER=1 asks for it.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		if os.Getenv("PTERO_BROWSER") == "1" {
			t.Fatal("there is no Chromium")
		}
		t.Skip("LEFT OUT: there is no Chromium. PTERO_BROWSER=1 makes that an error.")
	}
	// The test's own context ends before its clean-up, in which the browser is
	// closed.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), browserLimit)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
		"--user-data-dir="+t.TempDir(), "--remote-debugging-port=0", "about:blank")
	cmd.WaitDelay = 5 * time.Second
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, ctx: ctx}
	t.Cleanup(func() {
		if b.conn == nil || b.conn.Write(ctx, websocket.MessageText, []byte(`{"id":0,"method":"Browser.close"}`)) != nil {
			_ = cmd.Process.Kill()
		}
		_ = cmd.Wait() // until it has written its profile for the last time
	})
	address := ""
	lines := bufio.NewScanner(said)
	for address == "" && lines.Scan() {
		_, address, _ = strings.Cut(lines.Text(), "DevTools listening on ")
	}
	if address == "" {
		t.Fatalf("Chromium names no address: %v", lines.Err())
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()   // so that it never waits for a reader
	b.conn, _, err = websocket.Dial(ctx, address, nil) //nolint:bodyclose // of an upgrade there is nothing to close
	if err != nil {
		t.Fatal(err)
	}
	b.conn.SetReadLimit(64 << 20)
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	return b
}

// call calls a method of the protocol.
func (b *browser) call(method string, params, result any) {
	b.t.Helper()
	b.sent++
	message, err := json.Marshal(map[string]any{"id": b.sent, "sessionId": b.session, "method": method, "params": params})
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.conn.Write(b.ctx, websocket.MessageText, message); err != nil {
		b.t.Fatal(err)
	}
	for {
		_, message, err := b.conn.Read(b.ctx)
		if err != nil {
			b.t.Fatalf("%s: %v", method, err)
		}
		var answer struct {
			ID     int
			Result json.RawMessage
			Error  *struct{ Message string }
		}
		if err := json.Unmarshal(message, &answer); err != nil {
			b.t.Fatal(err)
		}
		if answer.ID != b.sent {
			continue // an event, or an answer that nobody waits for
		}
		if answer.Error != nil {
			b.t.Fatalf("%s: %s", method, answer.Error.Message)
		}
		if result != nil {
			if err := json.Unmarshal(answer.Result, result); err != nil {
				b.t.Fatal(err)
			}
		}
		return
	}
}

// eval evaluates JavaScript in the page, and waits for a promise.
func (b *browser) eval(expression string, result any) {
	b.t.Helper()
	var evaluated struct {
		Result struct {
			Value json.RawMessage
		}
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	b.call("Runtime.evaluate", map[string]any{
		"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true,
	}, &evaluated)
	if failed := evaluated.ExceptionDetails; failed != nil {
		b.t.Fatalf("%s: %s %s", expression, failed.Text, failed.Exception.Description)
	}
	if result != nil {
		if err := json.Unmarshal(evaluated.Result.Value, result); err != nil {
			b.t.Fatalf("%s gave %s: %v", expression, evaluated.Result.Value, err)
		}
	}
}

// open opens an address, and waits until the page is loaded.
func (b *browser) open(address string) {
	b.t.Helper()
	b.call("Page.navigate", map[string]any{"url": address}, nil)
	b.becomes(fmt.Sprintf("document.readyState === 'complete' && location.href.startsWith(%q)", address))
}

// becomes waits until an expression is true in the page.
func (b *browser) becomes(expression string) {
	b.t.Helper()
	became := false
	b.eval(`new Promise((done) => {
		const end = performance.now() + 20000;
		const look = () => {
			if (`+expression+`) done(true);
			else if (performance.now() > end) done(false);
			else setTimeout(look, 20);
		};
		look();
	})`, &became)
	if !became {
		var text string
		b.eval("document.body.innerText", &text)
		b.t.Fatalf("%s never became true. The page says:\n%s", expression, text)
	}
}

// click clicks a button by the name that assistive technology reads out.
func (b *browser) click(name string) {
	b.t.Helper()
	var found int
	b.eval(fmt.Sprintf(`(() => {
		const found = [...document.querySelectorAll('button')].filter((b) => (b.ariaLabel || b.textContent) === %q && b.checkVisibility());
		if (found.length === 1) found[0].click();
		return found.length;
	})()`, name), &found)
	if found != 1 {
		b.t.Fatalf("there are %d buttons %q", found, name)
	}
}

// view sets the size of the window and whether the system's colors are dark.
func (b *browser) view(width, height int, dark bool) {
	b.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{
		"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
	}, nil)
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{
		{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"},
	}}, nil)
}

// picture returns a PNG of what is in the window.
func (b *browser) picture() []byte {
	b.t.Helper()
	var shot struct{ Data string }
	b.call("Page.captureScreenshot", map[string]any{"format": "png"}, &shot)
	picture, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	return picture
}
