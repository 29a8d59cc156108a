package client_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	consolepkg "github.com/ptero-go/ptero/console"
	"github.com/ptero-go/ptero/paneltest"
)

// bystander is a host that must never be asked anything.
func bystander(t *testing.T, start func(http.Handler) *httptest.Server) string {
	t.Helper()
	server := start(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s came, with Authorization %q", r.Method, r.URL, r.Header.Get("Authorization"))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func newClient(t *testing.T, panelURL string, opts ...client.Option) *client.Client {
	t.Helper()
	c, err := client.New(panelURL, testKey, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// No redirect is followed, wherever it leads, whatever was sent, and by whichever
// of our requests: a POST would come twice, and the key, or what is uploaded,
// would go to who knows whom.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	for name, target := range map[string]string{
		"the same host": "/elsewhere",
		"another host":  bystander(t, httptest.NewServer) + "/elsewhere",
		"https":         bystander(t, httptest.NewTLSServer) + "/elsewhere",
		"no scheme":     strings.TrimPrefix(bystander(t, httptest.NewServer), "http:") + "/elsewhere",
	} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			var mu sync.Mutex
			came := make(map[string]int)
			turn := func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				came[r.Method+" "+r.URL.Path]++
				mu.Unlock()
				w.Header().Set("Location", target+"?next=hush")
				w.WriteHeader(status)
			}
			c := newClient(t, serve(t, turn))
			n := newNode(t)
			n.daemon = turn
			ctx := t.Context()
			for kind, err := range map[string]error{
				"get":      second(c.Account.Get(ctx)),
				"post":     c.Servers.Command(ctx, testServer, "say"),
				"put":      c.Account.SetEmail(ctx, "a@example.org", "x"),
				"delete":   c.Backups.Delete(ctx, testServer, "b"),
				"body":     c.Files.Write(ctx, testServer, "a", strings.NewReader("b")),
				"download": second(n.Files.Download(ctx, testServer, "a")),
				"upload":   n.Files.Upload(ctx, testServer, "/", client.FileBytes("a", []byte("b"))),
			} {
				var e *client.Error
				if !errors.Is(err, client.ErrRedirect) || !errors.As(err, &e) || e.StatusCode != status || strings.Contains(err.Error(), "hush") {
					t.Errorf("%d to %s, %s: err = %v", status, name, kind, err)
				}
			}
			mu.Lock()
			for request, times := range came {
				if times != 1 || strings.Contains(request, "elsewhere") {
					t.Errorf("%d to %s: %s came %d times", status, name, request, times)
				}
			}
			mu.Unlock()
		}
	}
}

// fixedSource gives out the same credentials again and again.
type fixedSource client.WebsocketCredentials

func (s fixedSource) Credentials(context.Context) (*client.WebsocketCredentials, error) {
	creds := client.WebsocketCredentials(s)
	return &creds, nil
}

func (fixedSource) Origin() string           { return "https://panel.example.org" }
func (fixedSource) HTTPClient() *http.Client { return http.DefaultClient }

// A socket is opened where the Panel says, not where a node says.
func TestRedirectOfAConsole(t *testing.T) {
	t.Parallel()
	elsewhere := bystander(t, httptest.NewServer)
	node := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere+"/ws?next=hush", http.StatusTemporaryRedirect)
	})
	_, err := consolepkg.Dial(t.Context(), fixedSource{Socket: strings.Replace(node, "http", "ws", 1), Token: "a.b.c-hush"})
	var e *consolepkg.Error
	if !errors.As(err, &e) || e.StatusCode != http.StatusTemporaryRedirect || strings.Contains(err.Error(), "hush") {
		t.Errorf("err = %v", err)
	}
}

// The redirect from http to https that most panels have says what to do.
func TestRedirectToHTTPS(t *testing.T) {
	t.Parallel()
	c := newClient(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://"+r.Host+r.URL.Path, http.StatusMovedPermanently)
	}))
	_, err := c.Account.Get(t.Context())
	if err == nil || !strings.Contains(err.Error(), "leads to https://127.0.0.1") || !strings.Contains(err.Error(), "use the address") {
		t.Errorf("err = %v", err)
	}
}

// Through a proxy the key goes to the Panel alone: not into what is said to the
// proxy itself, and not to a node.
func TestProxies(t *testing.T) {
	t.Parallel()
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+testKey || r.Header.Get("Proxy-Authorization") != "" {
			t.Errorf("the headers are %v", r.Header)
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(secure.Close)
	tunnels := 0
	proxy, err := url.Parse(serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || strings.Contains(fmt.Sprint(r.Header), testKey) {
			t.Errorf("%s %s came to the proxy with %v", r.Method, r.URL, r.Header)
		}
		tunnels++
		tunnel(t, w, r.Host)
	}))
	if err != nil {
		t.Fatal(err)
	}
	proxy.User = url.UserPassword("me", "proxy-password")
	hc := secure.Client()
	hc.Transport.(*http.Transport).Proxy = http.ProxyURL(proxy)
	if err := newClient(t, secure.URL, client.WithHTTPClient(hc)).Servers.Command(t.Context(), testServer, "say"); err != nil || tunnels != 1 {
		t.Errorf("err = %v, %d tunnels", err, tunnels)
	}

	// One that cannot be reached, and one that refuses.
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for _, address := range []string{closed.URL, serve(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusProxyAuthRequired) })} {
		proxy, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		proxy.User = url.UserPassword("me", "proxy-password")
		for _, panel := range []string{"https://panel.example.org", "http://panel.example.org"} {
			hc := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}}
			err = newClient(t, panel, client.WithHTTPClient(hc), client.WithRetries(0)).Servers.Command(t.Context(), testServer, "say")
			var e *client.Error
			if !errors.As(err, &e) || strings.Contains(err.Error(), "proxy-password") || strings.Contains(err.Error(), testKey) {
				t.Errorf("%s: err = %v", panel, err)
			}
		}
	}
}

// tunnel connects the two ends of a CONNECT.
func tunnel(t *testing.T, w http.ResponseWriter, address string) {
	t.Helper()
	there, err := new(net.Dialer).DialContext(context.Background(), "tcp", address)
	if err != nil {
		t.Error(err)
		return
	}
	// The answer is written after the hijacking: what the client then sends would
	// else get into the server's buffer, and be lost.
	here, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	if _, err := here.Write([]byte("HTTP/1.1 200 OK\r\n\r\n")); err != nil {
		t.Error(err)
		return
	}
	go pipe(here, there)
	go pipe(there, here)
}

func pipe(to, from net.Conn) {
	defer to.Close()
	buffer := make([]byte, 1<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// A node that the key would be sent to could be anybody's: the plain http proxy
// sees all requests, and only those to the Panel have the key.
func TestKeyByPlainProxy(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	keys := make(map[string]bool)
	proxy, err := url.Parse(serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		keys[r.URL.Host] = strings.Contains(fmt.Sprint(r.Header), testKey)
		if r.URL.Host == "panel.example.org" {
			fmt.Fprint(w, strings.Replace(signedURL, "https:", "http:", 1))
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	hc := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}}
	c := newClient(t, "http://panel.example.org", client.WithHTTPClient(hc))
	d, err := c.Files.Download(t.Context(), testServer, "a")
	if err != nil {
		t.Fatal(err)
	}
	d.Close()
	mu.Lock()
	defer mu.Unlock()
	if key, came := keys["node.example.org"]; !came || key || !keys["panel.example.org"] {
		t.Errorf("the key went to %v", keys)
	}
}

// Hosts may be IPv6 addresses, panels may stand below a path, and slashes at the
// end of an address mean nothing.
func TestAddressesOfPanels(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var came []string
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		came = append(came, r.URL.EscapedPath())
		mu.Unlock()
		if r.Header.Get("Authorization") == "" {
			t.Error("the key is missing")
		}
		fmt.Fprint(w, `{"object":"user","attributes":{"id":7,"created_at":"2026-11-21T22:44:15+00:00","updated_at":"2026-11-21T22:44:15+00:00"}}`)
	})
	hosts := []string{serve(t, handler)}
	if listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "[::1]:0"); err == nil {
		server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler}}
		server.Start()
		t.Cleanup(server.Close)
		if !strings.HasPrefix(server.URL, "http://[::1]:") {
			t.Fatal(server.URL)
		}
		hosts = append(hosts, server.URL)
	} else {
		t.Logf("no IPv6 here: %v", err)
	}
	for _, host := range hosts {
		for _, path := range []string{"", "/", "//", "/panel", "/panel/", "/panel///", "/a/b", "/a%20b/"} {
			came = nil
			c := newClient(t, host+path)
			admin, err := application.New(host+path, testKey)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Account.Get(t.Context()); err != nil {
				t.Errorf("%s: %v", host+path, err)
			}
			if _, err := admin.Users.Get(t.Context(), 7); err != nil {
				t.Errorf("%s: %v", host+path, err)
			}
			below := strings.TrimRight(path, "/")
			if want := []string{below + "/api/client/account", below + "/api/application/users/7"}; fmt.Sprint(came) != fmt.Sprint(want) {
				t.Errorf("%s: %q came, want %q", host+path, came, want)
			}
			if origin := c.Servers.Console(testServer).Origin(); origin != host+below {
				t.Errorf("%s: the origin is %s", host+path, origin)
			}
		}
	}
}

// secured is a Panel behind TLS, with its node behind the same.
func secured(t *testing.T) (panel *paneltest.Panel, front *httptest.Server) {
	t.Helper()
	panel, err := paneltest.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(panel.Close)
	var node *httptest.Server
	var mu sync.Mutex
	var nodeURL *url.URL
	node = httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		mu.Lock()
		defer mu.Unlock()
		r.SetURL(nodeURL)
	}})
	t.Cleanup(node.Close)
	to, err := url.Parse(panel.URL)
	if err != nil {
		t.Fatal(err)
	}
	front = httptest.NewTLSServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Header.Del("Accept-Encoding")
		},
		ModifyResponse: func(resp *http.Response) error {
			return rewriteNode(resp, func(real *url.URL) string {
				mu.Lock()
				defer mu.Unlock()
				nodeURL = &url.URL{Scheme: "http", Host: real.Host}
				return strings.TrimPrefix(node.URL, "https://")
			})
		},
	})
	t.Cleanup(front.Close)
	front.Config.ErrorLog, node.Config.ErrorLog = log.New(io.Discard, "", 0), log.New(io.Discard, "", 0)
	return panel, front
}

// rewriteNode puts another address in place of the node's into an answer. At says
// which one, and gets to know the real one.
func rewriteNode(resp *http.Response, at func(node *url.URL) string) error {
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		return err
	}
	body = nodeAddress.ReplaceAllFunc(body, func(found []byte) []byte {
		scheme, host, _ := strings.Cut(strings.ReplaceAll(string(found), `\/`, "/"), "://")
		return []byte(scheme + "s://" + at(&url.URL{Host: host}))
	})
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	resp.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return nil
}

var nodeAddress = regexp.MustCompile(`(?:http|ws):(?:\\?/){2}127\.0\.0\.1:\d+`)

// TLS with a certificate authority of one's own works by the caller's
// http.Client: for the Panel, for signed URLs and for the console. Without it
// nothing is sent.
func TestPrivateAuthority(t *testing.T) {
	t.Parallel()
	panel, front := secured(t)
	ctx := t.Context()
	c, err := client.New(front.URL, panel.UserKey, client.WithHTTPClient(front.Client()))
	if err != nil {
		t.Fatal(err)
	}
	server := lobby(t, c)
	if err := c.Files.Upload(ctx, server, "/", client.FileBytes("a.txt", []byte("hello"))); err != nil {
		t.Error(err)
	}
	target := filepath.Join(t.TempDir(), "a.txt")
	if err := c.Files.DownloadFile(ctx, server, "/a.txt", target, client.SaveOptions{}); err != nil {
		t.Error(err)
	}
	if content, err := os.ReadFile(target); string(content) != "hello" {
		t.Errorf("%q, %v", content, err)
	}
	con, err := consolepkg.Dial(ctx, c.Servers.Console(server), consolepkg.WithOrigin(panel.URL))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := con.Run(ctx, "list", func(o consolepkg.Output) bool { return strings.Contains(o.Line, "players online") })
	if err != nil || len(lines) == 0 {
		t.Errorf("%v, %v", lines, err)
	}
	con.Close()

	stranger, err := client.New(front.URL, panel.UserKey, client.WithRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	var unknown x509.UnknownAuthorityError
	var typed *client.Error
	if _, err := stranger.Account.Get(ctx); !errors.As(err, &unknown) || !errors.As(err, &typed) {
		t.Errorf("err = %v", err)
	}
	var ofConsole *consolepkg.Error
	if _, err := consolepkg.Dial(ctx, c.Servers.Console(server), consolepkg.WithHTTPClient(&http.Client{Transport: &http.Transport{}})); !errors.As(err, &unknown) || !errors.As(err, &ofConsole) {
		t.Errorf("err = %v", err)
	}
}

// A file may have as long a name as a file system takes.
func TestDownloadOfALongName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{strings.Repeat("a", 255), strings.Repeat("é", 127)} {
		n := newNode(t)
		n.daemon = serveFile("content")
		target := filepath.Join(t.TempDir(), name)
		if err := n.Files.DownloadFile(t.Context(), testServer, "a", target, client.SaveOptions{}); err != nil {
			t.Error(err)
		}
		if content, err := os.ReadFile(target); string(content) != "content" {
			t.Errorf("%q, %v", content, err)
		}
	}
}

// The name that a node gives is never one that leads elsewhere.
func TestDownloadNames(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		`attachment; filename="world.zip"`:                  "world.zip",
		`attachment; filename="../../.ssh/authorized_keys"`: "authorized_keys",
		`attachment; filename="/etc/passwd"`:                "passwd",
		`attachment; filename="C:\\Windows\\win.ini"`:       "win.ini",
		`attachment; filename=".."`:                         "",
		`attachment; filename="a/"`:                         "",
		"attachment; filename*=UTF-8''a%00b":                "",
		"attachment; filename*=UTF-8''%C3%A9.txt":           "é.txt",
		"attachment": "",
	} {
		n := newNode(t)
		n.daemon = func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Disposition", header) }
		d, err := n.Files.Download(t.Context(), testServer, "a")
		if err != nil {
			t.Fatal(err)
		}
		if d.Close(); d.Name != want {
			t.Errorf("%s gives %q, want %q", header, d.Name, want)
		}
	}
}
