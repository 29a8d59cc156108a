package page_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/cmd/panelsim/page"
)

// The page in a browser: it shows what there is, a fault that is pressed strikes
// the next request, and the list of requests moves.
func TestPageInABrowser(t *testing.T) {
	t.Parallel()
	world, server := newSampleWorld(t, true)
	b := startBrowser(t)
	b.view(1440, 1180, false)
	b.open(server.URL + "/")
	b.becomes(`document.querySelector('#link').textContent === 'Live'`)
	b.becomes(`document.querySelectorAll('.card').length === 4`)

	// Text of others is text.
	b.becomes(`document.querySelector('.card pre').innerText.includes("Can't keep up! <b>1200 ms</b> behind")`)
	b.becomes(`document.querySelector('.card pre .red').textContent === '[warn]'`)

	// A fault.
	b.eval(`document.querySelector('#operation').value = 'clientGetAccount'`, nil)
	b.click("502")
	b.becomes(`document.querySelector('#pending').innerText.includes('502') && document.querySelector('#pending').innerText.includes('clientGetAccount')`)
	b.eval(`document.querySelector('#try input').value = '/api/client/account'`, nil)
	for i, want := range []int{502, 200} {
		b.click("Try")
		b.becomes(fmt.Sprintf(`document.querySelector('#try output').textContent === '%d'`, want))
		b.becomes(fmt.Sprintf(`document.querySelectorAll('tbody tr').length === %d`, i+1))
		b.becomes(fmt.Sprintf(`document.querySelector('tbody tr').innerText.match(/clientGetAccount[^]*user[^]*%d/)`, want))
	}
	b.becomes(`!document.querySelector('#pending').checkVisibility()`)
	b.becomes(`document.querySelectorAll('tbody tr')[1].querySelector('.tag').textContent === 'fault 502'`)

	// What happens shows without being asked for.
	world.print(1, "\x1b[1mhello\x1b[0m")
	b.becomes(`document.querySelectorAll('.card pre')[1].innerText.endsWith('hello\n')`)
	for batch := range 3 {
		for i := range page.MaxLines - 10 {
			world.print(2, fmt.Sprintf("line %d.%d", batch, i))
		}
		b.becomes(fmt.Sprintf(`document.querySelectorAll('.card pre')[2].innerText.endsWith('line %d.29\n')`, batch))
	}
	b.becomes(fmt.Sprintf(`document.querySelectorAll('.card pre')[2].children.length === %d`, page.MaxLines))
	world.change(func(s *page.State) { s.Servers = slices.Delete(slices.Clone(s.Servers), 1, 2) })
	b.becomes(`[...document.querySelectorAll('.card h3')].map((title) => title.textContent).join() === 'lobby,proxy,creative'`)
	b.click("Suspend lobby")
	b.becomes(`document.querySelector('.card .state').textContent === 'suspended'`)
	b.click("Unsuspend lobby")
	b.becomes(`document.querySelector('.card .state').textContent === 'offline'`)
	b.click("Stop node-2")
	b.becomes(`document.querySelectorAll('#nodes .state')[1].textContent === 'node-2, down'`)
	b.click("Start node-2")
	b.becomes(`document.querySelectorAll('#nodes .state')[1].textContent === 'node-2, up'`)

	world.change(func(s *page.State) { s.Panel.Servers = 10_000 })
	b.becomes(`document.querySelector('#servers .more').innerText === 'and 9997 more'`)

	// What cannot be done says why.
	b.eval(`document.querySelector('#operation').value = 'clientFly'`, nil)
	b.click("reset")
	b.becomes(`document.querySelector('#message').innerText.includes('no operation "clientFly"')`)
}

func TestPageWithoutControl(t *testing.T) {
	t.Parallel()
	_, server := newSampleWorld(t, false)
	b := startBrowser(t)
	b.view(1440, 1180, false)
	b.open(server.URL + "/")
	b.becomes(`document.querySelectorAll('.card').length === 4`)
	b.becomes(`document.querySelector('#faults').innerText.includes('-control')`)
	var names []string
	b.eval(`[...document.querySelectorAll('button')].filter((b) => b.checkVisibility()).map((b) => b.ariaLabel || b.textContent)`, &names)
	for _, name := range names {
		if name != "Try" && !strings.HasPrefix(name, "Copy") {
			t.Errorf("there is a button %q", name)
		}
	}
}

// The page is for everybody: on a phone nothing sticks out, all controls have
// names, and all text stands out from its ground, in light and in dark.
func TestPageIsAccessible(t *testing.T) {
	t.Parallel()
	world, server := newSampleWorld(t, true)
	b := startBrowser(t)
	world.change(func(s *page.State) {
		for i, status := range []int{200, 204, 302, 404, 429, 502, 0} {
			s.Requests = append(s.Requests, page.Request{
				Number: i + 1, Method: "POST", Status: status, Operation: "clientWriteFile", Key: "user", Fault: "lost",
				Path: "/api/client/servers/1a2b3c4d/files/write?file=" + strings.Repeat("x", 300),
			})
		}
		s.Servers = slices.Clone(s.Servers)
		s.Servers[1].Name = strings.Repeat("x", 80)
		s.Pending = append(s.Pending, page.Pending{Operation: "clientGetServerWebsocket", Times: 3, Faults: []string{"delay 2s", "reset"}})
	})
	for _, dark := range []bool{false, true} {
		for _, width := range []int{340, 1280} {
			b.view(width, 900, dark)
			b.open(server.URL + "/")
			b.becomes(`document.querySelectorAll('tbody tr').length === 7 && document.querySelectorAll('.card').length === 4`)
			var over int
			b.eval(`document.documentElement.scrollWidth - innerWidth`, &over)
			if over > 0 {
				t.Errorf("at a width of %d the page is %d wider", width, over)
			}
			var faint []string
			b.eval(faintText, &faint)
			for _, text := range faint {
				t.Errorf("width %d, dark %t: %s", width, dark, text)
			}
		}
	}
	var tree struct {
		Nodes []struct {
			Ignored    bool
			Role, Name struct{ Value any }
		}
	}
	b.call("Accessibility.getFullAXTree", map[string]any{}, &tree)
	controls := 0
	for _, node := range tree.Nodes {
		switch node.Role.Value {
		case "button", "textbox", "combobox", "spinbutton", "log", "region", "table":
			controls++
			if node.Name.Value == nil || node.Name.Value == "" {
				t.Errorf("a %v has no name", node.Role.Value)
			}
		}
	}
	if controls < 40 {
		t.Errorf("only %d controls were looked at", controls)
	}
}

// faintText lists text whose contrast to its ground is below 4.5 to 1.
const faintText = `(() => {
	const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
	const rgba = (color) => {
		canvas.clearRect(0, 0, 1, 1);
		canvas.fillStyle = color;
		canvas.fillRect(0, 0, 1, 1);
		return [...canvas.getImageData(0, 0, 1, 1).data];
	};
	const luminance = (color) => rgba(color).slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const ground = (element) => {
		for (let e = element; e; e = e.parentElement) {
			const color = getComputedStyle(e).backgroundColor;
			if (rgba(color)[3] === 255) return color;
		}
		return getComputedStyle(document.documentElement).colorScheme === 'dark' ? '#000' : '#fff';
	};
	const faint = [];
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walker.nextNode()) {
		const text = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
		if (!text || element.closest('noscript, datalist, :disabled') || !element.checkVisibility()) continue;
		const [a, b] = [luminance(getComputedStyle(element).color), luminance(ground(element))];
		const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (contrast < 4.5) faint.push(text.slice(0, 40) + ' has a contrast of ' + contrast.toFixed(2));
	}
	return faint;
})()`

// Every control of a Panel has its button.
func TestPageKnowsAllControls(t *testing.T) {
	t.Parallel()
	_, server := newSampleWorld(t, true)
	var known strings.Builder
	for _, name := range []string{"page.js", "page.html"} {
		text, err := os.ReadFile("assets/" + name)
		if err != nil {
			t.Fatal(err)
		}
		known.Write(text)
	}
	controls := 0
	for line := range strings.Lines(get(t, server, "/control/", nil)) {
		order, isOrder := strings.CutPrefix(strings.TrimSpace(line), "POST /control/")
		if !isOrder {
			continue // it reports
		}
		controls++
		name, _, _ := strings.Cut(order, " ")
		if !strings.Contains(known.String(), "'"+name+"'") && !strings.Contains(known.String(), `"`+name+`"`) {
			t.Errorf("nothing on the page does %s", name)
		}
	}
	if controls < 17 {
		t.Errorf("there are only %d controls", controls)
	}
}

// The picture in the documentation, made anew where PTERO_PICTURES names a
// folder for it.
func TestPicture(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("PTERO_PICTURES")
	if folder == "" {
		t.Skip("PTERO_PICTURES names no folder")
	}
	_, server := newSampleWorld(t, true)
	for _, path := range []string{"/api/client", "/api/client/account", "/api/client/servers/0badc0de", "/api/client/permissions"} {
		get(t, server, path, http.Header{"Accept": {"application/json"}, "Authorization": {"Bearer " + sampleUserKey}})
	}
	b := startBrowser(t)
	b.open(server.URL + "/")
	b.becomes(`document.querySelectorAll('.card').length === 4`)
	b.eval(`document.querySelector('#times').value = 2`, nil)
	b.click("502")
	b.becomes(`document.querySelector('#pending').checkVisibility()`)
	b.click("Try")
	b.becomes(`document.querySelectorAll('tbody tr').length === 5`)
	b.view(1440, 1000, false)
	if err := os.WriteFile(filepath.Join(folder, "panelsim.png"), smaller(t, b.picture()), 0o600); err != nil {
		t.Fatal(err)
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
