// Package browser drives a headless Chromium, for tests.
package browser

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// limit bounds all that a test does with a browser: nothing may hang.
const limit = 2 * time.Minute

// Browser is a page of a headless Chromium, driven by its DevTools protocol.
type Browser struct {
	t       *testing.T
	ctx     context.Context
	conn    *websocket.Conn
	session string
	sent    int
}

// Start starts a Chromium with one page. Without one the test is skipped,
// or fails where PTERO_BROWSER=1 asks for it.
func Start(t *testing.T) *Browser {
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
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), limit)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", //nolint:gosec // one of the names above
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
	b := &Browser{t: t, ctx: ctx}
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
	go func() { _, _ = io.Copy(io.Discard, said) }() // so that it never waits for a reader
	b.conn, _, err = websocket.Dial(ctx, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.conn.SetReadLimit(64 << 20)
	var target struct{ TargetID string }
	b.Call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.Call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	return b
}

// Call calls a method of the protocol.
func (b *Browser) Call(method string, params, result any) {
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

// Eval evaluates JavaScript in the page, and waits for a promise.
func (b *Browser) Eval(expression string, result any) {
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
	b.Call("Runtime.evaluate", map[string]any{
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

// Open opens an address, and waits until the page is loaded.
func (b *Browser) Open(address string) {
	b.t.Helper()
	b.Call("Page.navigate", map[string]any{"url": address}, nil)
	page, _, _ := strings.Cut(address, "#") // which the page may rewrite
	b.Becomes(fmt.Sprintf("document.readyState === 'complete' && location.href.startsWith(%q)", page))
}

// Follow opens the address of a link. A click would do so too, but might end the
// page before the protocol has answered.
func (b *Browser) Follow(selector string) {
	b.t.Helper()
	address := ""
	b.Eval(fmt.Sprintf(`document.querySelector(%q).href`, selector), &address)
	b.Open(address)
}

// Becomes waits until an expression is true in the page.
func (b *Browser) Becomes(expression string) {
	b.t.Helper()
	became := false
	b.Eval(`new Promise((done) => {
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
		b.Eval("document.body.innerText", &text)
		b.t.Fatalf("%s never became true. The page says:\n%s", expression, text)
	}
}

// Click clicks a button by the name that assistive technology reads out.
func (b *Browser) Click(name string) {
	b.t.Helper()
	var found int
	b.Eval(fmt.Sprintf(`(() => {
		const found = [...document.querySelectorAll('button')].filter((b) => (b.ariaLabel || b.textContent) === %q && b.checkVisibility());
		if (found.length === 1) found[0].click();
		return found.length;
	})()`, name), &found)
	if found != 1 {
		b.t.Fatalf("there are %d buttons %q", found, name)
	}
}

// View sets the size of the window and whether the system's colors are dark.
func (b *Browser) View(width, height int, dark bool) {
	b.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	b.Call("Emulation.setDeviceMetricsOverride", map[string]any{
		"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
	}, nil)
	b.Call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{
		{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"},
	}}, nil)
}

// Picture writes a PNG of what is in the window.
func (b *Browser) Picture(file string) {
	b.t.Helper()
	var shot struct{ Data []byte }
	b.Call("Page.captureScreenshot", map[string]any{"format": "png"}, &shot)
	if err := os.WriteFile(file, smaller(b.t, shot.Data), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// smaller returns a picture with the 256 most frequent of its colors that differ,
// which is a third of the size.
func smaller(t *testing.T, picture []byte) []byte {
	t.Helper()
	full, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	bounds, counts := full.Bounds(), make(map[color.Color]int)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			counts[full.At(x, y)]++
		}
	}
	var palette color.Palette
	for _, candidate := range slices.SortedFunc(maps.Keys(counts), func(a, b color.Color) int { return counts[b] - counts[a] }) {
		if len(palette) < 256 && (len(palette) == 0 || !near(candidate, palette.Convert(candidate))) {
			palette = append(palette, candidate)
		}
	}
	few := image.NewPaletted(bounds, palette)
	draw.Draw(few, bounds, full, bounds.Min, draw.Src)
	var small bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, few); err != nil {
		t.Fatal(err)
	}
	return small.Bytes()
}

// near reports whether nobody would see the difference between two colors.
func near(a, b color.Color) bool {
	const slight = 6 << 8
	r1, g1, b1, _ := a.RGBA()
	r2, g2, b2, _ := b.RGBA()
	return max(r1, r2)-min(r1, r2) < slight && max(g1, g2)-min(g1, g2) < slight && max(b1, b2)-min(b1, b2) < slight
}
