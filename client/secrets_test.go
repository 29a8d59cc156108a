package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	consolepkg "github.com/ptero-go/ptero/console"
	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/recorded"
	"github.com/ptero-go/ptero/paneltest"
)

// secrets knows what must not be shown, and looks for it.
type secrets struct {
	t *testing.T

	mu    sync.Mutex
	known map[string]string // secrets, and what they are
	log   bytes.Buffer      // of all loggers
	seen  int               // texts that were looked at
}

func newSecrets(t *testing.T, keys ...string) *secrets {
	t.Helper()
	s := &secrets{t: t, known: make(map[string]string)}
	for _, key := range keys {
		s.known[key] = "a key"
	}
	return s
}

// Write takes what is logged.
func (s *secrets) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(p)
}

// logger logs everything.
func (s *secrets) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(s, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}))
}

var secretField = regexp.MustCompile(`"(token|secret_token|secret|url|password|tokens)":\s*(\[[^]]*\]|"(?:[^"\\]|\\.)*")`)

// listen learns the secrets that a Panel hands out.
func (s *secrets) listen(next client.Sender) client.Sender {
	return func(req *http.Request, call client.Call) (*http.Response, error) {
		resp, err := next(req, call)
		if err != nil || call.API == "wings" {
			return resp, err
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		resp.Body = io.NopCloser(bytes.NewReader(body))
		if err != nil {
			resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), errReader{err}))
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, found := range secretField.FindAllSubmatch(body, -1) {
			s.learn(string(found[1]), found[2])
		}
		return resp, nil
	}
}

// learn takes a value of a field, and of a signed URL its token.
func (s *secrets) learn(field string, value []byte) {
	var texts []string
	var text string
	if json.Unmarshal(value, &text) == nil {
		texts = []string{text}
	} else if json.Unmarshal(value, &texts) != nil {
		return
	}
	for _, text := range texts {
		if u, err := url.Parse(text); field == "url" && err == nil {
			text = u.Query().Get("token")
		}
		if len(text) >= 8 {
			s.known[text] = "a " + field
		}
	}
}

// hunt looks for secrets in a text.
func (s *secrets) hunt(where, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen++
	for secret, what := range s.known {
		for _, form := range []string{secret, url.QueryEscape(secret)} {
			if strings.Contains(text, form) {
				s.t.Errorf("%s is in %s: %.600s", what, where, text)
				return
			}
		}
	}
}

// print hunts in all that becomes of a value when it is printed or logged.
func (s *secrets) print(where string, v any) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		s.hunt(where+" by "+verb, fmt.Sprintf(verb, v))
	}
	var logged bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "v", v)
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "v", v)
	s.hunt(where+" in a log", logged.String())
}

// err hunts in an error and all that it wraps.
func (s *secrets) err(where string, err error) {
	if err == nil {
		return
	}
	s.print(where, err)
	if document, jsonErr := json.Marshal(err); jsonErr == nil {
		s.hunt(where+" as JSON", string(document))
	}
	var e *client.Error
	if errors.As(err, &e) {
		for _, entry := range e.Entries {
			s.print(where+", an entry", entry)
			s.print(where+", an entry's meta", fmt.Sprintf("%+v %+v %s", entry.Meta, entry.Source, entry.Field()))
		}
	}
	switch wrapped := err.(type) { //nolint:errorlint // each layer is looked at
	case interface{ Unwrap() error }:
		s.err(where+", unwrapped", wrapped.Unwrap())
	case interface{ Unwrap() []error }:
		for _, err := range wrapped.Unwrap() {
			s.err(where+", unwrapped", err)
		}
	}
}

// done hunts in what was logged.
func (s *secrets) done() {
	s.hunt("the log", s.log.String())
	if s.log.Len() == 0 || s.seen < 10 {
		s.t.Errorf("%d texts and %d bytes of log were looked at", s.seen, s.log.Len())
	}
}

// indiscreet are answers that repeat the request.
var indiscreet = map[string]func(w http.ResponseWriter, r *http.Request, repeated string){
	"debug mode": func(w http.ResponseWriter, _ *http.Request, repeated string) {
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprintf(w, `{"errors":[{"code":"%[1]s","status":"500","detail":"%[1]s","source":{"file":"%[1]s","line":1},"meta":{"trace":["%[1]s"],"source_field":"%[1]s"}}]}`, repeated)
	},
	"daemon": func(w http.ResponseWriter, _ *http.Request, repeated string) {
		w.WriteHeader(http.StatusBadGateway)
		fmt.Fprintf(w, `{"error":"%[1]s","request_id":"%[1]s"}`, repeated)
	},
	"page": func(w http.ResponseWriter, _ *http.Request, repeated string) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<title>%s</title>`, repeated)
	},
	"redirect": func(w http.ResponseWriter, _ *http.Request, repeated string) {
		w.Header().Set("Location", "/login/"+repeated+"?next="+repeated)
		w.WriteHeader(http.StatusFound)
	},
	"bad redirect": func(w http.ResponseWriter, _ *http.Request, repeated string) {
		w.Header().Set("Location", "http://[::1]:x/"+repeated)
		w.WriteHeader(http.StatusFound)
	},
	"wrong types": func(w http.ResponseWriter, _ *http.Request, repeated string) {
		fmt.Fprintf(w, `{"object":"%[1]s","attributes":{"id":"%[1]s","created_at":"%[1]s"},"data":"%[1]s"}`, repeated)
	},
	"no HTTP": func(w http.ResponseWriter, _ *http.Request, repeated string) {
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			fmt.Fprintf(conn, "HTTP/1.1 what %s\r\n\r\n", repeated)
			conn.Close()
		}
	},
	"bad header": func(w http.ResponseWriter, _ *http.Request, repeated string) {
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\n%s\r\n\r\n", repeated)
			conn.Close()
		}
	},
}

// Whatever a Panel repeats of a request, no error and no log of any wrapper shows
// the key. The recorded requests make each operation's.
func TestErrorsOfWrappersShowNoKey(t *testing.T) {
	t.Parallel()
	for name, answer := range indiscreet {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSecrets(t, testKey)
			panel := serve(t, func(w http.ResponseWriter, r *http.Request) {
				answer(w, r, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
			})
			c := newClient(t, panel, client.WithRetries(0), client.WithLimiter(nil), client.WithLogger(s.logger()))
			failed, done := 0, make(map[string]bool)
			for _, e := range recorded.Exchanges(t, clientapi.Operations()) {
				call := wrappers[e.Operation]
				if call == nil || e.Unsent() != "" || done[e.Operation] {
					continue
				}
				done[e.Operation] = true
				_, err := call(t.Context(), c, adapted(t, e))
				if err != nil {
					failed++
				}
				s.err(e.Operation, err)
			}
			if failed < 40 {
				t.Errorf("%d of %d calls failed", failed, len(done))
			}
			s.done()
		})
	}
}

// Nor does the error of a signed URL show what makes it one.
func TestErrorsOfTransfersShowNoToken(t *testing.T) {
	t.Parallel()
	for name, answer := range indiscreet {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const token = "hush.hush+hush/hush.hush"
			s := newSecrets(t, testKey, token)
			node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				answer(w, r, r.URL.Query().Get("token"))
			}))
			t.Cleanup(node.Close)
			c := newClient(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, `{"object":"signed_url","attributes":{"url":"%s/file?token=%s"}}`, node.URL, url.QueryEscape(token))
			}), client.WithRetries(0), client.WithLogger(s.logger()))
			ctx := t.Context()
			if d, err := c.Files.Download(ctx, testServer, "a"); err == nil {
				s.print("a download", d)
				d.Close()
			} else {
				s.err("download", err)
			}
			s.err("upload", c.Files.Upload(ctx, testServer, "/", client.FileBytes("a", []byte("b"))))
			node.Close()
			s.err("download from nowhere", second(c.Files.Download(ctx, testServer, "a")))
			s.err("upload to nowhere", c.Files.Upload(ctx, testServer, "/", client.FileBytes("a", []byte("b"))))
			s.done()
		})
	}
}

// lobby returns the server that runs from the start.
func lobby(t *testing.T, c *client.Client) string {
	t.Helper()
	page, err := c.Servers.List(t.Context(), client.ServerListOptions{Filter: client.ServerFilter{Name: "lobby"}})
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("%v, %v", page, err)
	}
	return page.Items[0].UUID
}

// A day in the life of a program, with all that can go wrong: nothing that a
// Panel hands out comes up in errors, logs, events, or in how our own types are
// printed.
func TestNothingShowsSecrets(t *testing.T) {
	t.Parallel()
	panel, err := paneltest.New(paneltest.WithoutRateLimits())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(panel.Close)
	s := newSecrets(t, panel.UserKey, panel.AdminKey, panel.ApplicationKey, panel.SubuserKey)
	opts := []client.Option{client.WithRetries(0), client.WithLogger(s.logger()), client.WithMiddleware(s.listen)}
	c, err := client.New(panel.URL, panel.UserKey, opts...)
	if err != nil {
		t.Fatal(err)
	}
	admin, err := application.New(panel.URL, panel.ApplicationKey, opts...)
	if err != nil {
		t.Fatal(err)
	}
	s.err("application", second(admin.Users.Get(t.Context(), 999)))
	s.err("node", second(admin.Nodes.Configuration(t.Context(), 1)))
	ctx, server := t.Context(), lobby(t, c)
	key, err := c.APIKeys.Create(ctx, "a key")
	if err != nil {
		t.Fatal(err)
	}
	s.known[key.Key] = "a new key"
	s.print("a new key", key)
	s.print("a new key", *key)
	s.err("two factors", second(c.Account.TwoFactorSetup(ctx)))
	s.err("database", second(c.Databases.Create(ctx, server, client.CreateDatabaseRequest{Database: "d", Remote: "%"})))
	s.err("databases", second(c.Databases.List(ctx, server, client.DatabaseIncludePassword)))

	story := func(what string) {
		s.err(what+" upload", c.Files.Upload(ctx, server, "/", client.FileBytes("a", []byte("b"))))
		s.err(what+" download", second(c.Files.Download(ctx, server, "/a")))
		s.err(what+" missing", second(c.Files.Download(ctx, server, "/missing")))
		s.err(what+" credentials", second(c.Servers.Websocket(ctx, server)))
		s.err(what+" command", c.Servers.Command(ctx, server, "say"))
		s.err(what+" api key", second(c.APIKeys.Create(ctx, "another")))
	}
	story("plain")
	for _, fault := range []paneltest.Fault{
		paneltest.FaultHTML, paneltest.FaultGarbage, paneltest.FaultTruncated, paneltest.FaultReset, paneltest.FaultLost, "429 1s", "500", "502",
	} {
		for _, operation := range []string{
			"clientGetFileUpload", "clientGetFileDownload", "clientGetServerWebsocket", "clientSendCommand", "clientCreateApiKey",
		} {
			if err := panel.Fail(operation, 1, fault); err != nil {
				t.Fatal(err)
			}
		}
		story(string(fault))
	}
	s.console(ctx, panel, c, server)
	if err := panel.StopNode(1); err != nil {
		t.Fatal(err)
	}
	story("without the node")
	s.err("dial without the node", second(consolepkg.Dial(ctx, c.Servers.Console(server), consolepkg.WithLogger(s.logger()))))

	for name, v := range map[string]any{
		"the client": c, "a client": *c, "the admin": admin, "an admin": *admin, "a service": c.Files, "services": *c.Files,
		"a source": c.Servers.Console(server), "a source's content": *c.Servers.Console(server), "a limiter": client.NewLimiter(),
	} {
		s.print(name, v)
	}
	if len(s.known) < 20 {
		t.Errorf("the Panel handed out no more than %d secrets", len(s.known))
	}
	s.done()
}

// console opens consoles that meet all that befalls sockets and tokens.
func (s *secrets) console(ctx context.Context, panel *paneltest.Panel, c *client.Client, server string) {
	con, err := consolepkg.Dial(ctx, c.Servers.Console(server), consolepkg.WithLogger(s.logger()), consolepkg.WithPolicy(consolepkg.KeepAll()))
	if err != nil {
		s.t.Fatal(err)
	}
	live := func(from consolepkg.State) {
		for e, err := range con.Events(ctx) {
			s.print("an event", e)
			if err != nil {
				s.t.Fatal(err)
			}
			if change, ok := e.(consolepkg.StateChange); ok {
				s.err("a change of state", change.Err)
				if change.From == from && change.To == consolepkg.StateLive {
					return
				}
			}
		}
	}
	live(consolepkg.StateAuthenticating)
	panel.ExpireTokens()
	live(consolepkg.StateRenewing)
	panel.RestartWings()
	live(consolepkg.StateAuthenticating)
	s.print("a console", con)
	s.print("a console's content", fmt.Sprintf("%+v", con))
	con.Close()
	s.err("a closed console", con.Err())
	s.err("a closed console", con.SendCommand(ctx, "say"))
	if err := panel.Fail("clientGetServerWebsocket", 1, "502"); err != nil {
		s.t.Fatal(err)
	}
	s.err("no credentials", second(consolepkg.Dial(ctx, c.Servers.Console(server), consolepkg.WithLogger(s.logger()))))
	s.err("a foreign origin", second(consolepkg.Dial(ctx, c.Servers.Console(server), consolepkg.WithOrigin("https://elsewhere.example.org"), consolepkg.WithLogger(s.logger()))))
}

// The values that do show a secret when they are printed are those whose purpose
// it is to carry one to the caller. A new one is to be a decision, see NewAPIKey.
func TestValuesThatCarrySecrets(t *testing.T) {
	t.Parallel()
	const secret = "hush-hush-hush"
	for _, v := range []any{client.NewAPIKey{Key: secret}, &client.NewAPIKey{Key: secret}} {
		newSecrets(t, secret).print("a new key", v)
	}
	for _, v := range []any{client.WebsocketCredentials{Token: secret}, client.TwoFactorSetup{Secret: secret}} {
		if document, err := json.Marshal(v); err != nil || !strings.Contains(string(document), secret) {
			t.Errorf("%T cannot be handed on: %s, %v", v, document, err)
		}
	}
}
