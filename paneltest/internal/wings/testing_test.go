package wings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/ptero-go/ptero/paneltest/internal/jwt"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// What the daemons of the tests are.
const (
	testPanel  = "http://panel.example"
	testServer = "de12968a-feac-48e7-bca6-14d5fd777160"
)

// testDaemon is a daemon on a network in memory.
type testDaemon struct {
	*Daemon
	t      *testing.T
	client *http.Client
	remote *testRemote
}

// testKey is the key that signs the tokens of the tests' daemons.
const testKey = "secret"

// sign returns a token with some claims.
func sign(claims map[string]any) string { return jwt.Sign(testKey, claims) }

// testURLLife is how long a signed URL may be used.
const testURLLife = 15 * time.Minute

// signedURL returns path and query of a signed URL for a server.
func signedURL(path, server string, needed map[string]any) string {
	now := time.Now()
	all := map[string]any{
		"iss": testPanel, "iat": now.Unix(), "nbf": now.Unix() - 300, "exp": now.Add(testURLLife).Unix(),
		"server_uuid": server, "user_uuid": "u", "unique_id": random.UUID(), "scope": protocol.Scopes[path],
	}
	maps.Copy(all, needed)
	return path + "?" + url.Values{"token": {sign(all)}}.Encode()
}

// testRemote is a Panel that keeps what Wings reports to it.
type testRemote struct {
	wanted    func(server string) // may be nil, as the next
	installed func()

	installs, restores chan bool
	backups            chan protocol.BackupResult
}

func newTestRemote() *testRemote {
	const most = 10
	return &testRemote{installs: make(chan bool, most), restores: make(chan bool, most), backups: make(chan protocol.BackupResult, most)}
}

func (r *testRemote) ServerWanted(server string) {
	if r.wanted != nil {
		r.wanted(server)
	}
}

func (r *testRemote) InstallFinished(_ string, successful bool) {
	if r.installed != nil {
		r.installed()
	}
	r.installs <- successful
}

func (r *testRemote) BackupFinished(_ string, result protocol.BackupResult) { r.backups <- result }
func (r *testRemote) RestoreFinished(_, _ string, successful bool)          { r.restores <- successful }

// pipeListener is a network in memory.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func startDaemon(t *testing.T, cfg Config) *testDaemon {
	t.Helper()
	if cfg.PanelURL == "" {
		cfg.PanelURL = testPanel
	}
	remote := newTestRemote()
	cfg.TokenID, cfg.Token, cfg.Remote = "id", testKey, remote
	listener := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
	transport := &http.Transport{DialContext: listener.dial}
	if cfg.Transport == nil {
		cfg.Transport = transport
	}
	d := &testDaemon{Daemon: New(cfg), t: t, client: &http.Client{Transport: transport}, remote: remote}
	server := &http.Server{Handler: d.Daemon}
	go server.Serve(listener)
	t.Cleanup(func() {
		d.Close()
		transport.CloseIdleConnections()
		server.Close()
		synctest.Wait()
	})
	return d
}

// claims are those of the Panel's tokens for the owner of the test's server.
func claims(changes ...func(map[string]any)) map[string]any {
	now := time.Now()
	all := map[string]any{
		"iss": testPanel, "jti": "owner", "iat": now.Unix(), "nbf": now.Unix() - 300, "exp": now.Unix() + 600,
		"server_uuid": testServer, "permissions": []string{"*"}, "user_uuid": "u", "user_id": 1, "unique_id": random.UUID(), "scope": protocol.SocketScope,
	}
	for _, change := range changes {
		change(all)
	}
	return all
}

func permissions(names ...string) func(map[string]any) {
	return func(claims map[string]any) { claims["permissions"] = names }
}

func claim(name string, value any) func(map[string]any) {
	return func(claims map[string]any) {
		claims[name] = value
		if value == nil {
			delete(claims, name)
		}
	}
}

// asAdmin is what the Panel gives root administrators.
var asAdmin = permissions("*", protocol.PermitErrors, protocol.PermitInstall, protocol.PermitTransfer)

// testClient is a raw client of a socket. It collects what comes.
type testClient struct {
	t    *testing.T
	conn *websocket.Conn

	mu     sync.Mutex
	frames []string
	err    error         // of the end
	busy   time.Duration // how long what was sent may take to be answered
}

// request sends a request.
func (d *testDaemon) request(method, target string, header http.Header, body io.Reader) *testAnswer {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), method, "http://node.example"+target, body)
	if err != nil {
		d.t.Fatal(err)
	}
	maps.Copy(req.Header, header)
	resp, err := d.client.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	return readAnswer(d.t, resp)
}

// testAnswer is an answer of HTTP.
type testAnswer struct {
	status int
	header http.Header
	body   string
}

// readAnswer reads and closes an answer.
func readAnswer(t *testing.T, resp *http.Response) *testAnswer {
	t.Helper()
	answer := &testAnswer{status: resp.StatusCode, header: resp.Header}
	if resp.Body != nil {
		defer resp.Body.Close()
		data, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Error(err)
		}
		answer.body = string(data)
	}
	return answer
}

// tryDial opens a socket, which may fail.
func (d *testDaemon) tryDial(server, origin string) (*testClient, *testAnswer, error) {
	header := make(http.Header)
	if origin != "" {
		header.Set("Origin", origin)
	}
	conn, resp, err := websocket.Dial(d.t.Context(), "ws://node.example/api/servers/"+server+"/ws",
		&websocket.DialOptions{HTTPClient: d.client, HTTPHeader: header, CompressionMode: websocket.CompressionContextTakeover})
	var answer *testAnswer
	if resp != nil {
		answer = readAnswer(d.t, resp)
	}
	if err != nil {
		return nil, answer, err
	}
	conn.SetReadLimit(-1)
	c := &testClient{t: d.t, conn: conn}
	go c.read()
	d.t.Cleanup(func() { conn.CloseNow() })
	return c, answer, nil
}

func (d *testDaemon) dial() *testClient {
	d.t.Helper()
	c, _, err := d.tryDial(testServer, testPanel)
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

// join opens a socket and authenticates.
func (d *testDaemon) join(changes ...func(map[string]any)) *testClient {
	d.t.Helper()
	c := d.dial()
	c.send("auth", sign(claims(changes...)))
	c.expect("auth success", "status", "stats?")
	return c
}

func (c *testClient) read() {
	for {
		_, data, err := c.conn.Read(context.Background())
		c.mu.Lock()
		if err != nil {
			c.err = err
			c.mu.Unlock()
			return
		}
		c.frames = append(c.frames, string(data))
		c.mu.Unlock()
	}
}

// ended returns why the socket has ended, nil if it has not.
func (c *testClient) ended() error {
	c.settle()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// code returns the code of the close frame, 0 for an open socket and -1 for one
// that ended without.
func (c *testClient) code() websocket.StatusCode {
	if err := c.ended(); err != nil {
		return websocket.CloseStatus(err)
	}
	return 0
}

func (c *testClient) raw(kind websocket.MessageType, text string) {
	c.t.Helper()
	if err := c.conn.Write(context.Background(), kind, []byte(text)); err != nil {
		c.t.Errorf("write: %v", err)
	}
	takes := commandTime
	if strings.Contains(text, "send logs") {
		takes += logTime + 150/shortestRun*logPause
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = max(c.busy, takes)
}

// settle lets what was sent be answered.
func (c *testClient) settle() {
	c.mu.Lock()
	busy := c.busy
	c.busy = 0
	c.mu.Unlock()
	if busy > 0 {
		time.Sleep(busy)
	}
	synctest.Wait()
}

func (c *testClient) send(event string, args ...string) {
	c.t.Helper()
	data, _ := json.Marshal(map[string]any{"event": event, "args": args})
	c.raw(websocket.MessageText, string(data))
}

// take returns what came since the last time, decoded.
func (c *testClient) take() []socketMessage {
	c.t.Helper()
	c.settle()
	c.mu.Lock()
	defer c.mu.Unlock()
	messages := make([]socketMessage, len(c.frames))
	for i, frame := range c.frames {
		if err := json.Unmarshal([]byte(frame), &messages[i]); err != nil || !strings.HasSuffix(frame, "\n") {
			c.t.Errorf("frame %q: %v", frame, err)
		}
	}
	c.frames = nil
	return messages
}

// takeText is take as lines of text, "event: arg". Samples are without values.
func (c *testClient) takeText() []string {
	c.t.Helper()
	var lines []string
	for _, message := range c.take() {
		line := message.Event
		switch {
		case line == "stats":
			var sample struct{ State string }
			if err := json.Unmarshal([]byte(message.Args[0]), &sample); err != nil {
				c.t.Error(err)
			}
			line += ": " + sample.State
		case message.Args != nil:
			line += ": " + strings.Join(message.Args, "|")
		}
		lines = append(lines, line)
	}
	return lines
}

// expect takes what came, which must begin with the given texts, or be them
// whole; "x?" may be missing.
func (c *testClient) expect(want ...string) {
	c.t.Helper()
	got := c.takeText()
	i := 0
	for _, text := range want {
		text, optional := strings.CutSuffix(text, "?")
		if i < len(got) && strings.HasPrefix(got[i], text) {
			i++
		} else if !optional {
			c.t.Fatalf("message %d is not %q in:\n%s", i, text, strings.Join(got, "\n"))
		}
	}
	if i < len(got) {
		c.t.Fatalf("too much came, from %d on:\n%s", i, strings.Join(got, "\n"))
	}
}

// wantErr fails unless the error is the given one.
func wantErr(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("err = %v, want %v", err, want)
	}
}

// wantStatus fails unless an error of the daemon has the status and the text.
func wantStatus(t *testing.T, err error, status int, text string) {
	t.Helper()
	var daemonErr *protocol.Error
	if !errors.As(err, &daemonErr) || daemonErr.Status != status || !strings.Contains(daemonErr.Message, text) {
		t.Errorf("err = %v, want %d %s", describe(err), status, text)
	}
}

func describe(err error) string {
	var daemonErr *protocol.Error
	if errors.As(err, &daemonErr) {
		return fmt.Sprint(daemonErr.Status, " ", daemonErr.Message)
	}
	return fmt.Sprint(err)
}

// forEachStore runs a test on files in memory and in a folder.
func forEachStore(t *testing.T, spec protocol.ServerConfig, f func(d *testDaemon, files protocol.Files)) {
	t.Helper()
	t.Parallel()
	for name, dir := range map[string]string{"memory": "", "folder": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := startDaemon(t, Config{FilesDir: dir})
				f(d, d.create(testServer, spec).Files())
			})
		})
	}
}

// names lists the names in a folder.
func names(t *testing.T, files protocol.Files, dir string) string {
	t.Helper()
	entries, err := files.List(dir)
	if err != nil {
		t.Errorf("list %s: %v", dir, err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name)
	}
	return strings.Join(names, ", ")
}
