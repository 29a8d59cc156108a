package ui

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func terminal(width int) (*Terminal, *bytes.Buffer) {
	var out bytes.Buffer
	return &Terminal{Out: &out, Err: &out, Width: width, Now: func() time.Time { return now }, Location: time.UTC}, &out
}

type row struct {
	id, name string
	size     Bytes
	seen     *time.Time
}

var columns = []Column[row]{
	{Title: "ID", Value: func(r row) any { return r.id }},
	{Title: "NAME", Value: func(r row) any { return r.name }},
	{Title: "SIZE", Value: func(r row) any { return r.size }},
	{Title: "SEEN", Value: func(r row) any { return r.seen }},
	{Title: "SECRET ID", Value: func(r row) any { return r.id }, Level: Wide},
}

func TestTableFitsTheWidth(t *testing.T) {
	t.Parallel()
	seen := now.Add(-3 * time.Hour)
	rows := []row{{"0123456789abc", "a name that is long", 1536, &seen}, {"b", "世界世界世界世界世界", 10, nil}}
	for width, want := range map[int]string{
		0: "ID             NAME                     SIZE  SEEN\n" +
			"0123456789abc  a name that is long   1.5 KiB  3 hours ago\n" +
			"b              世界世界世界世界世界     10 B  -\n",
		52: "ID             NAME                SIZE  SEEN\n" +
			"0123456789abc  a name that is…  1.5 KiB  3 hours ago\n" +
			"b              世界世界世界世…     10 B  -\n",
		// The room of a column that is left out is for the others.
		36: "ID             NAME             SIZE\n" +
			"0123456789abc  a name that…  1.5 KiB\n" +
			"b              世界世界世…      10 B\n",
		10: "ID\n0123456789abc\nb\n", // identifiers are never cut
	} {
		term, out := terminal(width)
		if err := List(term, Table, columns, rows, nil); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); got != want {
			t.Errorf("width %d:\n%s\nwant:\n%s", width, got, want)
		}
	}
	term, out := terminal(10)
	if err := List(term, WideList, columns, rows, nil); err != nil || !strings.Contains(out.String(), "SECRET ID") {
		t.Errorf("a wide table was cut: %v\n%s", err, out)
	}
}

func TestNamesCannotMoveTheCursor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain":                       "plain",
		"\x1b[31mred\x1b[0m":          "red",
		"a\nb\tc":                     "a b c",
		"\x1b]0;title\x07x":           "x",
		"\u009b31mx":                  "31mx",
		"bell\aand\x00nul":            "bellandnul",
		"reversed \u202egnp.exe":      "reversed gnp.exe",
		"ünïcödé 世界 \U0001f600 stays": "ünïcödé 世界 \U0001f600 stays",
	} {
		if got := Clean(text); got != want {
			t.Errorf("Clean(%q) = %q, want %q", text, got, want)
		}
	}
	term, out := terminal(0)
	term.OutColor = true
	if err := List(term, Table, columns, []row{{"\x1b[2Jid", "\x1b[31mname\nx", 1, nil}}, nil); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "\x1b[2J") || strings.Contains(out.String(), "\x1b[31m") || strings.Count(out.String(), "\n") != 2 {
		t.Errorf("the table holds what a name brought: %q", out)
	}
}

func TestSizesAndTimesForPeople(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		Bytes(0).String(): "0 B", Bytes(1023).String(): "1023 B", Bytes(1024).String(): "1 KiB", Bytes(1536).String(): "1.5 KiB",
		Bytes(10<<20 + 1).String(): "10 MiB", Bytes(5 << 40).String(): "5 TiB", Bytes(-1).String(): "-",
		MiB(0).String(): "unlimited", MiB(1024).String(): "1 GiB", Percent(12.345).String(): "12.3%", Percent(100).String(): "100%",
		Uptime(90 * time.Second): "1m 30s", Uptime(49 * time.Hour): "2d 1h", Uptime(time.Hour): "1h 0m",
		Count(1, "server"): "1 server", Count(2, "server"): "2 servers", Count(2, "key"): "2 keys", Count(0, "entry"): "0 entries", Count(2, "day"): "2 days",
		Age(now.Add(-time.Second), now, recent, time.UTC):  "now",
		Age(now.Add(-time.Minute), now, recent, time.UTC):  "1 minute ago",
		Age(now.Add(2*time.Hour), now, recent, time.UTC):   "in 2 hours",
		Age(now.AddDate(0, -3, 0), now, recent, time.UTC):  "2026-02-04",
		Age(now.Add(-47*time.Hour), now, recent, time.UTC): "1 day ago",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestSecretsAreHiddenInJSON(t *testing.T) {
	t.Parallel()
	value := map[string]any{
		"password": "hunter2hunter2",
		"relationships": map[string]any{"password": map[string]any{
			"object": "database_password", "attributes": map[string]any{"password": `quo"ted & <odd>`},
		}},
		"variables": []any{
			map[string]any{"env_variable": "RCON_PASSWORD", "server_value": "rcon-secret", "default_value": ""},
			map[string]any{"env_variable": "VERSION", "server_value": "1.21"},
		},
		"environment": map[string]any{"API_TOKEN": "token-of-a-game", "VERSION": "1.21"},
		"invocation":  "java -rcon rcon-secret -version 1.21",
		"attributes":  map[string]any{"url": "https://node.example.org/download/file?token=eyJx.y.z"},
		"activity":    map[string]any{"variable": "RCON_PASSWORD", "old": "former-rcon", "new": "xyz"},
		"change":      map[string]any{"variable": "VERSION", "old": "1.20", "new": "1.21.4"},
		"rename":      map[string]any{"old": "lobby", "new": "lobby-2"},
		"pin":         map[string]any{"secret": 4711, "token": "abc"},
		"short":       map[string]any{"token": ""},
		"token_count": 7,
	}
	term, out := terminal(0)
	if err := Value(term, JSON, value); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"hunter2", "odd", "rcon-secret", "token-of-a-game", "eyJx", "former-rcon", "xyz", "4711", "abc"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%q is printed:\n%s", secret, out)
		}
	}
	for _, kept := range []string{`"invocation": "java -rcon (hidden) -version 1.21"`, `"VERSION": "1.21"`, `"token_count": 7`, "database_password", `"old": "1.20"`, `"new": "1.21.4"`, `"new": "lobby-2"`, `"token": ""`} {
		if !strings.Contains(out.String(), kept) {
			t.Errorf("%s is missing:\n%s", kept, out)
		}
	}
	out.Reset()
	term.ShowSecrets = true
	if err := Value(term, JSON, value); err != nil || !strings.Contains(out.String(), "hunter2hunter2") || strings.Contains(out.String(), Hidden) {
		t.Errorf("secrets are hidden though they were asked for: %v\n%s", err, out)
	}
}

func TestYAMLKeepsTypesAndOrder(t *testing.T) {
	t.Parallel()
	term, out := terminal(0)
	value := struct {
		Zebra  string   `json:"zebra"`
		Apple  int64    `json:"apple"`
		Text   string   `json:"text"`
		Number string   `json:"number"`
		None   *int     `json:"none"`
		Empty  []string `json:"empty"`
		Lines  string   `json:"lines"`
	}{"z", 1 << 60, "yes", "007", nil, []string{}, "a\nb"}
	if err := Value(term, YAML, value); err != nil {
		t.Fatal(err)
	}
	const want = "zebra: z\napple: 1152921504606846976\ntext: \"yes\"\nnumber: \"007\"\nnone: null\nempty: []\nlines: |-\n  a\n  b\n"
	if out.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", out, want)
	}
}

// JSON is read by people too, who would rather see what is there.
func TestJSONKeepsSigns(t *testing.T) {
	t.Parallel()
	for _, value := range []any{
		map[string]string{"a": "<b> & c"},
		map[string]string{"a": "<b> & c", "password": "long <enough>"},
	} {
		term, out := terminal(0)
		if err := Value(term, JSON, value); err != nil || !strings.Contains(out.String(), `"a": "<b> & c"`) || strings.Contains(out.String(), "enough") {
			t.Errorf("%v is printed as %s, %v", value, out, err)
		}
	}
}

func TestProgressCannotBeMadeToAct(t *testing.T) {
	t.Parallel()
	term, out := terminal(0)
	term.ErrTTY = true
	progress := term.Progress("ev\x1b[2Jil")
	progress.Text("te\x1b]0;x\x07xt")
	progress.Done()
	if got, want := out.String(), "\r\x1b[Kevil text\r\x1b[K"; got != want {
		t.Errorf("drawn is %q, want %q", got, want)
	}
}
