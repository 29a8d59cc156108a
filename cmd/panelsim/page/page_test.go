package page_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/cmd/panelsim/internal/browser"
	"github.com/ptero-go/ptero/cmd/panelsim/page"
)

// The page in a browser: it shows what there is, a fault that is pressed strikes
// the next request, and the list of requests moves.
func TestPageInABrowser(t *testing.T) {
	t.Parallel()
	world, server := newSampleWorld(t, true)
	b := browser.Start(t)
	b.View(1440, 1180, false)
	b.Open(server.URL + "/")
	b.Becomes(`document.querySelector('#link').textContent === 'Live'`)
	b.Becomes(`document.querySelectorAll('.card').length === 4`)

	// Text of others is text.
	b.Becomes(`document.querySelector('.card pre').innerText.includes("Can't keep up! <b>1200 ms</b> behind")`)
	b.Becomes(`document.querySelector('.card pre .red').textContent === '[warn]'`)

	// A fault.
	b.Eval(`document.querySelector('#operation').value = 'clientGetAccount'`, nil)
	b.Click("502")
	b.Becomes(`document.querySelector('#pending').innerText.includes('502') && document.querySelector('#pending').innerText.includes('clientGetAccount')`)
	b.Eval(`document.querySelector('#try input').value = '/api/client/account'`, nil)
	for i, want := range []int{502, 200} {
		b.Click("Try")
		b.Becomes(fmt.Sprintf(`document.querySelector('#try output').textContent === '%d'`, want))
		b.Becomes(fmt.Sprintf(`document.querySelectorAll('tbody tr').length === %d`, i+1))
		b.Becomes(fmt.Sprintf(`document.querySelector('tbody tr').innerText.match(/clientGetAccount[^]*user[^]*%d/)`, want))
	}
	b.Becomes(`!document.querySelector('#pending').checkVisibility()`)
	b.Becomes(`document.querySelectorAll('tbody tr')[1].querySelector('.tag').textContent === 'fault 502'`)

	// What happens shows without being asked for.
	world.print(1, "\x1b[1mhello\x1b[0m")
	b.Becomes(`document.querySelectorAll('.card pre')[1].innerText.endsWith('hello\n')`)
	for batch := range 3 {
		for i := range page.MaxLines - 10 {
			world.print(2, fmt.Sprintf("line %d.%d", batch, i))
		}
		b.Becomes(fmt.Sprintf(`document.querySelectorAll('.card pre')[2].innerText.endsWith('line %d.29\n')`, batch))
	}
	b.Becomes(fmt.Sprintf(`document.querySelectorAll('.card pre')[2].children.length === %d`, page.MaxLines))
	world.change(func(s *page.State) { s.Servers = slices.Delete(slices.Clone(s.Servers), 1, 2) })
	b.Becomes(`[...document.querySelectorAll('.card h3')].map((title) => title.textContent).join() === 'lobby,proxy,creative'`)
	b.Click("Suspend lobby")
	b.Becomes(`document.querySelector('.card .state').textContent === 'suspended'`)
	b.Click("Unsuspend lobby")
	b.Becomes(`document.querySelector('.card .state').textContent === 'offline'`)
	b.Click("Stop node-2")
	b.Becomes(`document.querySelectorAll('#nodes .state')[1].textContent === 'node-2, down'`)
	b.Click("Start node-2")
	b.Becomes(`document.querySelectorAll('#nodes .state')[1].textContent === 'node-2, up'`)

	world.change(func(s *page.State) { s.Panel.Servers = 10_000 })
	b.Becomes(`document.querySelector('#servers .more').innerText === 'and 9997 more'`)

	// What cannot be done says why.
	b.Eval(`document.querySelector('#operation').value = 'clientFly'`, nil)
	b.Click("reset")
	b.Becomes(`document.querySelector('#message').innerText.includes('no operation "clientFly"')`)
}

func TestPageWithoutControl(t *testing.T) {
	t.Parallel()
	_, server := newSampleWorld(t, false)
	b := browser.Start(t)
	b.View(1440, 1180, false)
	b.Open(server.URL + "/")
	b.Becomes(`document.querySelectorAll('.card').length === 4`)
	b.Becomes(`document.querySelector('#faults').innerText.includes('-control')`)
	var names []string
	b.Eval(`[...document.querySelectorAll('button')].filter((b) => b.checkVisibility()).map((b) => b.ariaLabel || b.textContent)`, &names)
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
	b := browser.Start(t)
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
			b.View(width, 900, dark)
			b.Open(server.URL + "/")
			b.Becomes(`document.querySelectorAll('tbody tr').length === 7 && document.querySelectorAll('.card').length === 4`)
			var over int
			b.Eval(`document.documentElement.scrollWidth - innerWidth`, &over)
			if over > 0 {
				t.Errorf("at a width of %d the page is %d wider", width, over)
			}
			var faint []string
			b.Eval(browser.FaintText, &faint)
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
	b.Call("Accessibility.getFullAXTree", map[string]any{}, &tree)
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
	b := browser.Start(t)
	b.Open(server.URL + "/")
	b.Becomes(`document.querySelectorAll('.card').length === 4`)
	b.Eval(`document.querySelector('#times').value = 2`, nil)
	b.Click("502")
	b.Becomes(`document.querySelector('#pending').checkVisibility()`)
	b.Click("Try")
	b.Becomes(`document.querySelectorAll('tbody tr').length === 5`)
	b.View(1440, 1000, false)
	b.Picture(filepath.Join(folder, "panelsim.png"))
}
