package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/cmd/panelsim/internal/browser"
	"github.com/ptero-go/ptero/cmd/panelsim/site"
)

// operation finds the part of the reference that is about an operation.
func operation(id string) string {
	return fmt.Sprintf(`document.querySelector('section[id$="/%s"]')`, id)
}

// inView reports whether an operation stands at the top of the window.
func inView(id string) string {
	return fmt.Sprintf(`Math.abs(%s?.getBoundingClientRect().top ?? 1e9) < innerHeight / 2`, operation(id))
}

// try opens the form that tries an operation, sends the request, and waits until
// the answer contains a text.
func try(b *browser.Browser, id, answer string) {
	b.Becomes(`[...` + operation(id) + `.querySelectorAll('button')].some((b) => b.textContent.startsWith('Test Request'))`)
	b.Eval(`[...`+operation(id)+`.querySelectorAll('button')].find((b) => b.textContent.startsWith('Test Request')).click()`, nil)
	send := `[...document.querySelectorAll('button')].find((b) => b.textContent.includes('Send get request to ') && b.checkVisibility())`
	b.Becomes(send)
	b.Eval(send+`.click()`, nil)
	b.Becomes(fmt.Sprintf(`document.querySelector('[role=dialog]').innerText.includes(%q)`, answer))
}

// Someone searches the site for an operation, reads about it and tries it.
func TestSiteInABrowser(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := browser.Start(t)
	folder := os.Getenv("PTERO_PICTURES")
	picture := func(name string) {
		if folder != "" {
			b.Picture(filepath.Join(folder, name))
		}
	}
	b.View(1440, 900, false)
	b.Open(p.url + "/docs/")
	b.Click("Search")
	b.Becomes(`document.activeElement.type === 'search'`)
	b.Eval(`const input = document.activeElement; input.value = 'backup'; input.dispatchEvent(new Event('input')); null`, nil)
	b.Becomes(`['clientListBackups', 'clientCreateBackup', 'clientRestoreBackup'].every((id) => document.querySelector('dialog a[href="reference.html#' + id + '"]'))`)
	b.Becomes(`document.querySelector('dialog a[href="guides/back-up-and-fetch.html"]')`)
	b.Follow(`dialog a[href="reference.html#clientListBackups"]`)
	b.Becomes(inView("clientListBackups"))
	for _, part := range []string{"Permission: backup.read", "c.Backups.List(ctx, ", `"is_successful": true`, "TwoFactorAuthRequiredException"} {
		b.Becomes(fmt.Sprintf(`%s.innerText.replaceAll('\u00a0', ' ').includes(%q) || document.body.innerText.includes(%q)`, operation("clientListBackups"), part, part))
	}
	b.Becomes(`document.querySelector('title').textContent.includes('ptero')`)
	picture("site.png")

	// An anchor leads to its operation, also from within the page.
	b.Eval(`location.hash = '#clientListServers'`, nil)
	b.Becomes(inView("clientListServers"))
	try(b, "clientListServers", `"lobby"`)
	picture("site-try.png")

	// The Application API takes its own key.
	b.Open(p.url + "/docs/reference.html#applicationListUsers")
	b.Becomes(inView("applicationListUsers"))
	try(b, "applicationListUsers", "user@example.org")

	// What is filled in leads somewhere.
	b.Open(p.url + "/docs/reference.html#clientGetServer")
	b.Becomes(inView("clientGetServer"))
	try(b, "clientGetServer", `"sftp_details"`)

	// Nothing comes from elsewhere.
	b.Becomes(`performance.getEntriesByType('resource').every((e) => e.name.startsWith(location.origin) || e.name.startsWith('data:'))`)
	if err := p.end(); err != nil {
		t.Error(err)
	}
}

// The site is readable in the dark and on a telephone.
func TestSiteLooks(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := browser.Start(t)
	folder := os.Getenv("PTERO_PICTURES")
	pages := []string{"", "console.html", "quirks.html", "benchmarks.html", "guides/console-for-days.html", "guides/provision-a-customer.html", "nothing.html"}
	for _, dark := range []bool{false, true} {
		b.View(390, 844, dark)
		for _, name := range pages {
			b.Open(p.url + "/docs/" + name)
			b.Becomes(`document.documentElement.dataset.theme === '` + map[bool]string{false: "light", true: "dark"}[dark] + `'`)
			var faint []string
			b.Eval(browser.FaintText, &faint)
			for _, text := range faint {
				t.Errorf("%s, dark %t: %s", name, dark, text)
			}
			b.Becomes(`document.documentElement.scrollWidth <= innerWidth`)
		}
		b.Open(p.url + "/docs/reference.html#clientCreateBackup")
		b.Becomes(inView("clientCreateBackup"))
		b.Becomes(`document.documentElement.scrollWidth <= innerWidth`)
		if folder != "" {
			if dark {
				b.View(1440, 900, dark)
				b.Becomes(inView("clientCreateBackup"))
				b.Picture(filepath.Join(folder, "site-dark.png"))
			} else {
				b.Picture(filepath.Join(folder, "site-telephone.png"))
			}
		}
	}
	b.View(390, 844, false)
	b.Open(p.url + "/docs/console.html")
	b.Click("Menu")
	b.Becomes(`document.querySelector('#areas').checkVisibility()`)
	b.Click("Light or dark")
	b.Becomes(`document.documentElement.dataset.theme === 'dark'`)
	b.Open(p.url + "/docs/quirks.html") // it is remembered
	b.Becomes(`document.documentElement.dataset.theme === 'dark'`)
	if err := p.end(); err != nil {
		t.Error(err)
	}
}

// Pelican has a page of its own, on which requests are tried if panelsim plays it.
func TestPelicansPageInABrowser(t *testing.T) {
	t.Parallel()
	p := start(t, "-version", "pelican")
	b := browser.Start(t)
	b.View(1440, 900, false)
	b.Open(p.url + "/docs/pelican.html#applicationListRoles")
	b.Becomes(inView("applicationListRoles"))
	try(b, "applicationListRoles", "Root Admin")
	b.Open(p.url + "/docs/pelican.html#clientListServers")
	b.Becomes(inView("clientListServers"))
	try(b, "clientListServers", `"lobby"`)
	b.Open(p.url + "/docs/reference.html#clientListServers")
	b.Becomes(inView("clientListServers"))
	b.Becomes(`![...document.querySelectorAll('button')].some((b) => b.textContent.startsWith('Test Request'))`)
	if err := p.end(); err != nil {
		t.Error(err)
	}
}

// As it is published, below a path, the site has no Panel to try requests on.
func TestPublishedSiteInABrowser(t *testing.T) {
	t.Parallel()
	embedded := site.Handler(func() site.Try { return site.Try{} }, http.NotFoundHandler())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, below := strings.CutPrefix(r.URL.Path, "/ptero/")
		switch {
		case !below:
			t.Errorf("the site asks for %s", r.URL.Path)
			http.NotFound(w, r)
		case name == "try.json":
			_, _ = io.WriteString(w, "null\n") // the file that is published
		default:
			r.URL.Path = "/docs/" + name
			embedded.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	b := browser.Start(t)
	b.View(1440, 900, false)
	b.Open(server.URL + "/ptero/reference.html#clientGetServer")
	b.Becomes(inView("clientGetServer"))
	b.Becomes(operation("clientGetServer") + `.innerText.includes('https://panel.example.org')`)
	b.Becomes(`![...document.querySelectorAll('button')].some((b) => b.textContent.startsWith('Test Request'))`)
	b.Open(server.URL + "/ptero/guides/console-for-days.html")
	b.Click("Search")
	b.Becomes(`document.activeElement.type === 'search'`)
	b.Eval(`const input = document.activeElement; input.value = 'backup'; input.dispatchEvent(new Event('input')); null`, nil)
	b.Becomes(`document.querySelector('dialog a[href="../reference.html#clientListBackups"]')`)
	b.Follow(`dialog a[href="../reference.html#clientListBackups"]`)
	b.Becomes(inView("clientListBackups"))
}
