package paneltest_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/ptero-go/ptero/paneltest"
)

// A Panel that listens on all addresses names one that can be dialled.
func TestPanelForOtherMachines(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:0", ":0"} {
		panel := newPanel(t, paneltest.WithAddress(address))
		host := hostOf(t, panel.URL)
		if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
			t.Errorf("%s: the URL is %s", address, panel.URL)
		}
		if answer := strings.TrimSpace(authenticate(t, panel, "/api/client/servers/"+identify(t, panel, "lobby"))); answer != `{"event":"auth success"}` {
			t.Errorf("%s: a socket says %s", address, answer)
		}
		for _, node := range panel.Nodes() {
			if hostOf(t, node.URL) != host {
				t.Errorf("%s: a node is at %s, the Panel at %s", address, node.URL, panel.URL)
			}
		}
	}
}

func hostOf(t *testing.T, address string) string {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Hostname()
}

// Behind a proxy all that clients are told begins with its address.
func TestPanelBehindAnotherAddress(t *testing.T) {
	t.Parallel()
	panel := newPanel(t, paneltest.WithURL("https://panel.example:8443/"), paneltest.WithOrigins("http://localhost:3000"))
	if panel.URL != "https://panel.example:8443" {
		t.Errorf("the URL is %s", panel.URL)
	}
	ask := func(key, path string) string {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("Accept", "application/json")
		w := httptest.NewRecorder()
		panel.ServeHTTP(w, r)
		return w.Body.String()
	}
	if list := ask(panel.ApplicationKey, "/api/application/servers?per_page=1"); !strings.Contains(list, `"next":"https://panel.example:8443/api/application/servers?page=2"`) &&
		!strings.Contains(list, `"next":"https:\/\/panel.example:8443\/api\/application\/servers?page=2"`) {
		t.Error(list)
	}
	node, err := url.Parse(panel.Nodes()[0].URL)
	if err != nil {
		t.Fatal(err)
	}
	if node.Hostname() != "panel.example" {
		t.Errorf("a node is at %s", node)
	}
	lobby, err := panel.Server("lobby")
	if err != nil {
		t.Fatal(err)
	}
	for origin, allowed := range map[string]bool{
		"https://panel.example:8443": true, "http://localhost:3000": true, "http://127.0.0.1:8080": false, "https://panel.example": false,
	} {
		conn, _, err := websocket.Dial(t.Context(), "ws://127.0.0.1:"+node.Port()+"/api/servers/"+lobby.UUID+"/ws", &websocket.DialOptions{ //nolint:bodyclose // there is none
			HTTPHeader: http.Header{"Origin": {origin}},
		})
		if (err == nil) != allowed {
			t.Errorf("a socket from %s: %v", origin, err)
		}
		if err == nil {
			_ = conn.CloseNow()
		}
	}
}

func TestNodesListenWhereTheyAreTold(t *testing.T) {
	t.Parallel()
	panel := consecutive(t, "127.0.0.1")
	first := portOf(t, panel.Nodes()[0].URL)
	if second := portOf(t, panel.Nodes()[1].URL); second != first+1 {
		t.Errorf("the nodes are at %d and %d", first, second)
	}
	if _, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", first)); err != nil {
		t.Error(err)
	}
	named := newPanel(t, paneltest.WithNodeAddress("localhost:0"), paneltest.WithURL("http://panel.example"))
	if host := hostOf(t, named.Nodes()[0].URL); host != "localhost" {
		t.Errorf("a node is called %s", host)
	}
	open := newPanel(t, paneltest.WithNodeAddress("0.0.0.0:0"))
	if host := hostOf(t, open.Nodes()[0].URL); host != "127.0.0.1" { // as the Panel's
		t.Errorf("a node is called %s", host)
	}
}

func portOf(t *testing.T, address string) int {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(parsed.Port())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// consecutive starts a Panel whose nodes listen on ports next to each other.
func consecutive(t *testing.T, host string) *paneltest.Panel {
	t.Helper()
	for range 20 {
		l, err := net.Listen("tcp", host+":0")
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		_ = l.Close()
		if panel, err := paneltest.New(paneltest.WithNodeAddress(address)); err == nil {
			t.Cleanup(panel.Close)
			return panel
		}
		// The next port was somebody else's.
	}
	t.Fatal("no two ports are free")
	return nil
}

func TestAddressesThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, option := range []paneltest.Option{
		paneltest.WithURL(""), paneltest.WithURL("panel.example"), paneltest.WithURL("ftp://panel.example"), paneltest.WithURL("http://"),
		paneltest.WithURL("http://a.example/panel"), paneltest.WithURL("http://a.example?x"), paneltest.WithURL("http://me:secret@a.example"), paneltest.WithURL("http://\x7f"),
		paneltest.WithNodeAddress(""), paneltest.WithNodeAddress("8080"), paneltest.WithNodeAddress("0.0.0.0:http"), paneltest.WithNodeAddress("0.0.0.0:70000"),
	} {
		if panel, err := paneltest.New(option); err == nil {
			panel.Close()
			t.Errorf("it is at %s", panel.URL)
		} else if strings.Contains(err.Error(), "secret") {
			t.Error(err)
		}
	}
	for _, option := range []paneltest.Option{
		paneltest.WithURL("http://panel.example"), paneltest.WithNodeAddress("127.0.0.1:0"), paneltest.WithAddress("127.0.0.1:0"),
	} {
		if panel, err := paneltest.New(paneltest.InMemory(), option); err == nil {
			panel.Close()
			t.Errorf("it is at %s and in memory", panel.URL)
		}
	}
}
